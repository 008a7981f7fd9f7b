"""Model folders from a hub, a mirror of it, or the user's disk."""

import json
import shutil
import struct
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from icr.chat import check_tokenizer
from icr.errors import InputError
from icr.files import replacing, write_json

WANTED = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja", "README.md"]
"""Files of a snapshot that are used. Code is never among them."""
CARD = "icr_model.json"
"""What is known of a model: where it came from, revision, size."""


def fetch_snapshot(repo: str, revision: str, folder: str | Path, mirror: str) -> str:
    """Bring a hub model to ``folder``; returns the commit that the revision stands for.

    ``mirror`` is a hub endpoint, or a folder that holds ``{owner}/{name}/``. A token is read from
    the environment (HF_TOKEN) by the hub's client and written nowhere.

    Raises InputError if the model cannot be had.
    """
    if "://" not in mirror:
        link_folder(Path(mirror) / repo, folder)
        return "folder"
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        commit = HfApi(endpoint=mirror).model_info(repo, revision=revision).sha
        with replacing(folder) as partial:
            snapshot_download(
                repo, revision=commit, local_dir=partial, endpoint=mirror, allow_patterns=WANTED
            )
            shutil.rmtree(partial / ".cache", ignore_errors=True)
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(
            f"cannot fetch {repo}@{revision} from {mirror}: {lines[0]} A gated model needs "
            "HF_TOKEN in the environment; without a network, name a folder under 'mirrors'"
        ) from None
    return str(commit)


def link_folder(source: str | Path, folder: str | Path) -> None:
    """Link the files of a local model folder, so that what is added here changes nothing there.

    Raises InputError if there is no such folder.
    """
    source = Path(source)
    if not (source / "config.json").is_file():
        raise InputError(f"{source} is no model folder: it has no config.json")
    with replacing(folder) as partial:
        partial.mkdir()
        for file in sorted(source.resolve().iterdir()):
            if file.is_file() and any(file.match(pattern) for pattern in WANTED):
                (partial / file.name).symlink_to(file)


def describe(
    folder: str | Path, name: str, source: dict[str, Any], commit: str, template: str | None
) -> dict[str, Any]:
    """Check a model folder, write its card beside the weights, and return the card.

    A named chat template file replaces the tokenizer's own. Checked: weights that are all there,
    a tokenizer that renders a chat with one BOS and has an EOS.

    Raises InputError.
    """
    folder = Path(folder)
    weights = sorted(folder.glob("*.safetensors"))
    missing = [shard for shard in _shards(folder) if not (folder / shard).exists()]
    if not weights or missing:
        lacking = ", ".join(missing) or "*.safetensors"
        raise InputError(f"model '{name}': {folder} lacks weights ({lacking})")
    if template:
        if not Path(template).is_file():
            raise InputError(f"model '{name}': there is no chat template file {template}")
        (folder / "chat_template.jinja").unlink(missing_ok=True)
        shutil.copy(template, folder / "chat_template.jinja")
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    check_tokenizer(tokenizer, name)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    card = {
        "name": name,
        "source": source,
        "commit": commit,
        "parameters": sum(map(_parameters, weights)),
        "precision": config.get("dtype", config.get("torch_dtype")),
        "vocabulary": len(tokenizer),
        "context": config.get("max_position_embeddings"),
        "pad_token": tokenizer.pad_token or f"none; {tokenizer.eos_token} fills up rows",
    }
    write_json(card, folder / CARD)
    return card


def _shards(folder: Path) -> list[str]:
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return []
    return sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))


def _parameters(file: Path) -> int:
    """Number of weights, from the header alone."""
    with file.open("rb") as handle:
        (size,) = struct.unpack("<Q", handle.read(8))
        header = json.loads(handle.read(size))
    shapes = [row["shape"] for name, row in header.items() if name != "__metadata__"]
    total = 0
    for shape in shapes:
        count = 1
        for side in shape:
            count *= side
        total += count
    return total

