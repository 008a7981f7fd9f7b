"""What a model folder must hold, checked before anything is computed with it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from jinja2 import TemplateError
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedTokenizerBase,
)

from icr.errors import InputError
from icr.models.chat import check_tokenizer
from icr.models.snapshots import CARD
from icr.models.turn_ends import ends_line, write_ends
from icr.models.weights import check_stored, stored_weights
from icr.storage.files import read_text, write_json


def describe(
    folder: str | Path,
    name: str,
    source: dict[str, Any],
    commit: str | None,
    template: str | None,
    stop: Sequence[str] = (),
    reward_model: bool = False,
) -> dict[str, Any]:
    """Check a model folder, write its card (CARD) beside the weights, and return the card.

    A named chat template file replaces the tokenizer's own, and the tokens that end a response
    (icr.models.turn_ends), those of ``stop`` among them, go into the generation settings. Checked:
    settings that can be read, weights that are whole and those of the architecture (of
    ``reward_model``, with the head that scores), a tokenizer that renders a chat with one BOS and
    has an EOS and every token of ``stop``, and no token without an embedding. No weight is
    loaded.

    Raises InputError.
    """
    folder = Path(folder)
    weights = stored_weights(folder, name)
    if template:
        _use_template(folder, name, template)
    whole, tokenizer = _load(folder, name)
    auto = AutoModelForSequenceClassification if reward_model else AutoModelForCausalLM
    check_stored(auto, whole, weights, name)
    config = whole.get_text_config()
    if len(tokenizer) > config.vocab_size:
        raise InputError(
            f"model '{name}': its tokenizer has {len(tokenizer)} tokens, its embeddings only "
            f"{config.vocab_size} rows; the tokenizer belongs to another model"
        )
    ends = write_ends(folder, tokenizer, stop, name)
    print(ends_line(tokenizer, ends))
    largest = max(weights.values(), key=lambda tensor: tensor.numel())
    card = {
        "name": name,
        "source": source,
        "commit": commit,
        "licence": licence(folder),
        "parameters": sum(tensor.numel() for tensor in weights.values()),
        "precision": str(largest.dtype).removeprefix("torch."),
        "vocabulary": len(tokenizer),
        "context": getattr(config, "max_position_embeddings", None),
        "ends": tokenizer.convert_ids_to_tokens(ends),
        "pad_token": tokenizer.pad_token or f"none; {tokenizer.eos_token} fills up rows",
    }
    write_json(card, folder / CARD)
    return card


def licence(folder: Path) -> str | None:
    """The licence that the head of the model's README names, if it does."""
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
    if not text.startswith("---\n"):
        return None
    try:
        head = yaml.safe_load(text.split("---\n", 2)[1])
    except yaml.YAMLError:
        return None
    found = head.get("license") if isinstance(head, dict) else None
    return None if found is None else str(found)


def _use_template(folder: Path, name: str, template: str) -> None:
    if not Path(template).expanduser().is_file():
        raise InputError(f"model '{name}': there is no chat template file {template}")
    text = read_text(Path(template).expanduser())
    ours = folder / "chat_template.jinja"
    ours.unlink(missing_ok=True)  # it may be a link to a file of the user's
    ours.write_text(text, encoding="utf-8", newline="")


def _load(folder: Path, name: str) -> tuple[Any, PreTrainedTokenizerBase]:
    """Configuration, and the checked tokenizer."""
    # Without this, transformers asks at the terminal whether to run a folder's own code.
    options = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(folder, **options)
        config.get_text_config()
        tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    except Exception as error:  # whatever a broken file raises in there
        first = (str(error).strip().splitlines() or [""])[0]
        raise InputError(
            f"model '{name}': config.json or the tokenizer of {folder} cannot be read: {first}"
        ) from error
    try:
        check_tokenizer(tokenizer, name)
    except TemplateError as error:
        raise InputError(
            f"model '{name}': its chat template cannot be rendered: {error}; name another Jinja "
            "file as 'chat_template' of the model in the configuration"
        ) from error
    return config, tokenizer
