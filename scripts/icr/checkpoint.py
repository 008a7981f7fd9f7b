"""What a model folder must hold, checked before anything is computed with it."""

import json
import math
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from jinja2 import TemplateError
from transformers import AutoConfig, AutoTokenizer, PreTrainedTokenizerBase

from icr.chat import check_tokenizer
from icr.ends import ends_line, write_ends
from icr.errors import InputError
from icr.files import read_json, write_json

CARD = "icr_model.json"
"""What is known of a model: where it came from, its commit, its size."""


def describe(
    folder: str | Path,
    name: str,
    source: dict[str, Any],
    commit: str | None,
    template: str | None,
    stop: Sequence[str] = (),
) -> dict[str, Any]:
    """Check a model folder, write its card (CARD) beside the weights, and return the card.

    A named chat template file replaces the tokenizer's own, and the tokens that end a response
    (icr.ends), those of ``stop`` among them, go into the generation settings. Checked: settings
    that can be read, weights that are whole, a tokenizer that renders a chat with one BOS and has
    an EOS and every token of ``stop``, and no token without an embedding. No weight is loaded.

    Raises InputError.
    """
    folder = Path(folder)
    weights = weight_files(folder, name)
    headers = [_header(file, name) for file in weights if file.suffix == ".safetensors"]
    tensors = [tensor for header in headers for tensor in header.values()]
    if template:
        _use_template(folder, name, template)
    config, tokenizer = _load(folder, name)
    if len(tokenizer) > config.vocab_size:
        raise InputError(
            f"model '{name}': its tokenizer has {len(tokenizer)} tokens, its embeddings only "
            f"{config.vocab_size} rows; the tokenizer belongs to another model"
        )
    ends = write_ends(folder, tokenizer, stop, name)
    print(ends_line(tokenizer, ends))
    largest: dict[str, Any] = max(tensors, key=lambda t: math.prod(t["shape"]), default={})
    card = {
        "name": name,
        "source": source,
        "commit": commit,
        "licence": licence(folder),
        "parameters": sum(math.prod(t["shape"]) for t in tensors) or None,
        "precision": largest.get("dtype"),
        "vocabulary": len(tokenizer),
        "context": getattr(config, "max_position_embeddings", None),
        "ends": tokenizer.convert_ids_to_tokens(ends),
        "pad_token": tokenizer.pad_token or f"none; {tokenizer.eos_token} fills up rows",
    }
    write_json(card, folder / CARD)
    return card


def weight_files(folder: Path, name: str) -> list[Path]:
    """The files that hold a model's weights: one, or the shards that an index names.

    Raises InputError if there are none, or if a shard is missing.
    """
    for single in ("model.safetensors", "pytorch_model.bin"):
        index = folder / f"{single}.index.json"
        if (folder / single).is_file():
            return [folder / single]
        if index.is_file():
            shards = sorted(set(_json(index, name)["weight_map"].values()))
            missing = [shard for shard in shards if not (folder / shard).is_file()]
            if missing:
                raise InputError(
                    f"model '{name}': {folder} lacks {', '.join(missing)}, named in {index.name}"
                )
            return [folder / shard for shard in shards]
    adapter = (folder / "adapter_config.json").is_file()
    raise InputError(
        f"model '{name}': {folder} has no model.safetensors and no index of shards"
        + ("; it holds an adapter: merge it into its base model first" if adapter else "")
    )


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


def _header(file: Path, name: str) -> dict[str, Any]:
    """Tensors of a safetensors file by name: dtype, shape, place. Reads the header alone.

    Raises InputError if the file is not as long as its header says.
    """
    length = file.stat().st_size
    try:
        with file.open("rb") as handle:
            (size,) = struct.unpack("<Q", handle.read(8))
            header: dict[str, Any] = json.loads(handle.read(min(size, length)))
        header.pop("__metadata__", None)
        expected = 8 + size + max(t["data_offsets"][1] for t in header.values())
    except (struct.error, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"model '{name}': {file} is no safetensors file, or is cut") from None
    if length != expected:
        raise InputError(
            f"model '{name}': {file} has {length} bytes, its header says {expected}; fetch it again"
        )
    return header


def _use_template(folder: Path, name: str, template: str) -> None:
    if not Path(template).is_file():
        raise InputError(f"model '{name}': there is no chat template file {template}")
    ours = folder / "chat_template.jinja"
    ours.unlink(missing_ok=True)  # it may be a link to a file of the user's
    shutil.copyfile(template, ours)


def _load(folder: Path, name: str) -> tuple[Any, PreTrainedTokenizerBase]:
    """Configuration of the text model, and the checked tokenizer."""
    # Without this, transformers asks at the terminal whether to run a folder's own code.
    options = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = AutoConfig.from_pretrained(folder, **options).get_text_config()
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


def _json(file: Path, name: str) -> Any:
    try:
        return read_json(file)
    except ValueError as error:
        raise InputError(f"model '{name}': {file} is no JSON: {error}") from None
