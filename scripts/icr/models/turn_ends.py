"""What ends a response: the one place that every policy, translator and served judge goes by."""

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

    They are the tokenizer's EOS, what the folder's generation settings list, and the token that
    the chat template writes after an assistant's turn (:func:`turn_end`). What the configuration
    names besides (``stop``) stands in the generation settings: :func:`write_ends` put it there.
    """
    ids = {int(tokenizer.eos_token_id), *_listed(Path(folder))}
    turn = turn_end(tokenizer)
    return sorted(ids if turn is None else {*ids, turn})


def turn_end(tokenizer: PreTrainedTokenizerBase) -> int | None:
    """The special token that the chat template writes next after an assistant's turn.

    White space before it is skipped, as some templates write a line break first. None where the
    template writes nothing there, or plain text, which a model may also write in mid-response, or
    where it takes no conversation that ends with an answer.
    """
    try:
        text = rendered(tokenizer, [QUESTION, ANSWER], answering=False)
    except TemplateError:
        return None
    _, answer, after = text.rpartition(ANSWER)
    ids = tokenizer(after.lstrip(), add_special_tokens=False)["input_ids"] if answer else []
    whole = {*tokenizer.added_tokens_decoder, *tokenizer.all_special_ids}
    return int(ids[0]) if ids and ids[0] in whole else None


def stop_ids(tokenizer: PreTrainedTokenizerBase, stop: Sequence[str], name: str) -> list[int]:
    """Ids of the tokens that a model's ``stop`` names.

    Raises InputError for a text that is no single token of the vocabulary.
    """
    vocabulary = tokenizer.get_vocab()
    for text in stop:
        if text not in vocabulary:
            pieces = tokenizer.tokenize(text)
            raise InputError(
                f"model '{name}': stop {text!r} is no token of its vocabulary but {len(pieces)} "
                f"({' '.join(pieces)}); a response ends at single tokens, such as "
                f"{tokenizer.eos_token!r}"
            )
    return [int(vocabulary[text]) for text in stop]


def write_ends(
    folder: str | Path, tokenizer: PreTrainedTokenizerBase, stop: Sequence[str], name: str
) -> list[int]:
    """Write all that ends a response into a folder's generation settings; returns the ids.

    From there vLLM's server knows them when the model is a judge, and so do the policies that are
    trained from it, and whoever loads these. A link is replaced, its file left as it was.

    Raises InputError if a token is unknown, or the settings are no JSON object.
    """
    file = Path(folder) / SETTINGS
    ids = sorted({*end_ids(folder, tokenizer), *stop_ids(tokenizer, stop, name)})
    settings = read_json(file) if file.exists() else _tokens_of(Path(folder))
    settings.pop("_from_model_config", None)  # else transformers may go by config.json instead
    write_json({**settings, "eos_token_id": ids}, file)
    return ids


def ends_line(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> str:
    """What ends a response, in words for a log."""
    line = f"responses end with {' or '.join(map(str, tokenizer.convert_ids_to_tokens(list(ids))))}"
    if turn_end(tokenizer) is None:
        line += (
            "; the chat template writes no special token after an assistant's turn, so this is "
            "what the tokenizer and the generation settings say: if the model ends its turns "
            "otherwise, name the token as 'stop' of the model"
        )
    return line


def _listed(folder: Path) -> list[int]:
    file = folder / SETTINGS
    if not file.exists():
        return []
    settings = read_json(file)
    if not isinstance(settings, dict):
        raise InputError(f"{file} is no JSON object; fetch the model again")
    listed = settings.get("eos_token_id")
    return [
        int(one) for one in (listed if isinstance(listed, list) else [listed]) if one is not None
    ]


def _tokens_of(folder: Path) -> dict[str, int]:
    """What generation settings would take from a model's own, were there no file of them."""
    config = read_json(folder / "config.json")
    return {k: config[k] for k in ("bos_token_id", "pad_token_id") if config.get(k) is not None}
