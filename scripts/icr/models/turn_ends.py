"""The tokens that end a response, for every policy, translator and served judge."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from icr.errors import InputError
from icr.models.chat import ANSWER, QUESTION, rendered
from icr.storage.files import read_json, write_json

SETTINGS = "generation_config.json"


def end_ids(folder: str | Path, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """Ids that end a response of a model, in ascending order.

    These are the tokenizer's EOS, the ids in the folder's generation settings, and the turn-end
    token of the chat template (:func:`turn_end`). The generation settings include the tokens that
    the configuration adds (``stop``): :func:`write_ends` writes them there.
    """
    ids = {int(tokenizer.eos_token_id), *_listed(Path(folder))}
    turn = turn_end(tokenizer)
    return sorted(ids if turn is None else {*ids, turn})


def turn_end(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The turn-end token: the special token that the template writes after an assistant's turn.

    White space before it is skipped, as some templates write a line break first. None if the
    template writes nothing after the turn, or plain text, which may also occur within a response,
    or if it rejects a conversation that ends with an answer.
    """
    try:
        text = rendered(tokenizer, [QUESTION, ANSWER], answering=False)
    except TemplateError:
        return None
    _, answer, after = text.rpartition(ANSWER)
    ids = tokenizer(after.lstrip(), add_special_tokens=False)["input_ids"] if answer else []
    special = {*tokenizer.added_tokens_decoder, *tokenizer.all_special_ids}
    return int(ids[0]) if ids and ids[0] in special else None


def stop_ids(tokenizer: PreTrainedTokenizerBase, stop: Sequence[str], name: str) -> list[int]:
    """Ids of the tokens in a model's ``stop`` setting.

    Raises InputError for a text that is not a single token of the vocabulary.
    """
    vocabulary = tokenizer.get_vocab()
    for text in stop:
        if text not in vocabulary:
            pieces = tokenizer.tokenize(text)
            raise InputError(
                f"model '{name}': stop {text!r} is not a single token but {len(pieces)} "
                f"({' '.join(pieces)}); name a single token, such as {tokenizer.eos_token!r}"
            )
    return [int(vocabulary[text]) for text in stop]


def write_ends(
    folder: str | Path, tokenizer: PreTrainedTokenizerBase, stop: Sequence[str], name: str
) -> list[int]:
    """Write all ids that end a response to a folder's generation settings; returns the ids.

    vLLM's server reads them there when the model is a judge, and policies trained from the model
    inherit them. A link is replaced; its target stays as it was.

    Raises InputError if a token is unknown, or the settings are not a JSON object.
    """
    file = Path(folder) / SETTINGS
    ids = sorted({*end_ids(folder, tokenizer), *stop_ids(tokenizer, stop, name)})
    settings = read_json(file) if file.exists() else _tokens_of(Path(folder))
    settings.pop("_from_model_config", None)  # else transformers may go by config.json instead
    write_json({**settings, "eos_token_id": ids}, file)
    return ids


def ends_line(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    """The tokens that end a response, in words for a log."""
    line = f"responses end with {' or '.join(map(str, tokenizer.convert_ids_to_tokens(list(ids))))}"
    if turn_end(tokenizer) is None:
        line += (
            "; the chat template writes no special token after an assistant's turn, so these come "
            "from the tokenizer and the generation settings: if the model ends its turns "
            "otherwise, name the token as 'stop' of the model"
        )
    return line


def _listed(folder: Path) -> list[int]:
    file = folder / SETTINGS
    if not file.exists():
        return []
    settings = read_json(file)
    if not isinstance(settings, dict):
        raise InputError(f"{file} is not a JSON object; fetch the model again")
    ids = settings.get("eos_token_id")
    return [int(eos) for eos in (ids if isinstance(ids, list) else [ids]) if eos is not None]


def _tokens_of(folder: Path) -> dict[str, int]:
    """The token ids in config.json, which apply if there is no file of generation settings."""
    config = read_json(folder / "config.json")
    return {k: config[k] for k in ("bos_token_id", "pad_token_id") if config.get(k) is not None}
