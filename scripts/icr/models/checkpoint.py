"""Checks of a model folder before anything is computed with it, and its card."""

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
from icr.models.conversations import check_answers
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

    The file ``template`` replaces the tokenizer's own chat template. The tokens that end a
    response (icr.models.turn_ends), including those of ``stop``, are written to the generation
    settings. No weight is loaded.

    Raises InputError unless the configuration is readable, the weights are complete and fit the
    architecture (with a score head for a ``reward_model``), the tokenizer renders a chat with one
    BOS and has an EOS and every token of ``stop``, and every token has an embedding. A
    ``reward_model`` must have one output, and a template that writes answers.
    """
    folder = Path(folder)
    weights = stored_weights(folder, name)
    if template:
        _use_template(folder, name, template)
    full_config, tokenizer = _load(folder, name)
    auto = AutoModelForSequenceClassification if reward_model else AutoModelForCausalLM
    check_stored(auto, full_config, weights, name)
    if reward_model:
        _check_reward_model(full_config, tokenizer, name)
    config = full_config.get_text_config()
    if len(tokenizer) > config.vocab_size:
        raise InputError(
            f"model '{name}': its tokenizer has {len(tokenizer)} tokens, but its embeddings only "
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


def _check_reward_model(config: Any, tokenizer: PreTrainedTokenizerBase, name: str) -> None:
    if config.num_labels != 1:
        raise InputError(
            f"model '{name}': a reward model has one output, this has {config.num_labels} "
            "(labels of config.json)"
        )
    check_answers(tokenizer, name)


def licence(folder: Path) -> str | None:
    """The licence that the front matter of the model's README names; None without one."""
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
    if not text.startswith("---\n"):
        return None
    try:
        front_matter = yaml.safe_load(text.split("---\n", 2)[1])
    except yaml.YAMLError:
        return None
    name = front_matter.get("license") if isinstance(front_matter, dict) else None
    return None if name is None else str(name)


def _use_template(folder: Path, name: str, template: str) -> None:
    if not Path(template).expanduser().is_file():
        raise InputError(f"model '{name}': there is no chat template file {template}")
    text = read_text(Path(template).expanduser())
    copy = folder / "chat_template.jinja"
    copy.unlink(missing_ok=True)  # it may be a link to a file of the user's
    copy.write_text(text, encoding="utf-8", newline="")


def _load(folder: Path, name: str) -> tuple[Any, PreTrainedTokenizerBase]:
    """The configuration and the checked tokenizer of a folder."""
    # Without trust_remote_code=False, transformers asks whether to run a folder's own code.
    options = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(folder, **options)
        config.get_text_config()
        tokenizer = AutoTokenizer.from_pretrained(folder, **options)
    except Exception as error:  # a broken file may raise anything
        reason = (str(error).strip().splitlines() or [""])[0]
        raise InputError(
            f"model '{name}': config.json or the tokenizer of {folder} cannot be read: {reason}"
        ) from error
    try:
        check_tokenizer(tokenizer, name)
    except TemplateError as error:
        raise InputError(
            f"model '{name}': its chat template cannot be rendered: {error}; name another Jinja "
            "file as 'chat_template' of the model in the configuration"
        ) from error
    return config, tokenizer
