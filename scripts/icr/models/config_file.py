"""What a model's config.json states, read before any job and without transformers."""

from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.storage.files import read_json

LABELS = 2
"""Outputs of a sequence classifier whose config.json names no labels, as transformers counts."""


def layer_count(path: Path) -> int | None:
    """The number of a model's layers; None if the file does not state it.

    Models of several modalities state that of the text model in ``text_config``.
    """
    settings = _settings(path)
    text = settings.get("text_config")
    count = (text if isinstance(text, dict) else settings).get("num_hidden_layers")
    return count if isinstance(count, int) else None


def output_count(path: Path) -> int | None:
    """The number of a sequence classifier's outputs; None if the file is not readable."""
    settings = _settings(path)
    if not settings:
        return None
    if isinstance(labels := settings.get("id2label"), dict):
        return len(labels)
    count = settings.get("num_labels", LABELS)
    return count if isinstance(count, int) else None


def _settings(path: Path) -> dict[str, Any]:
    """The file's content; empty if it is missing or damaged, which the job that fetches reports."""
    try:
        content = read_json(path)
    except InputError:
        return {}
    return content if isinstance(content, dict) else {}
