"""The paper's configuration with other sizes, addresses and backends, and no other change."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from icr.config.load import merged

OVERLAY = Path(__file__).with_name("overlay.yaml")
ALLOWED = {
    "size": (
        r"prompts\.[^.]+\.(size|block)",
        r"experiments\.[^.]+\.prompts\.count",
        r"compute\.(gpus|training_processes|threads)",
        r"evaluation\.nlp\.batch",
    ),
    "address": (r"mirrors\.(github|hub)", r"judges\.[^.]+\.api"),
    "checksum": (r"evaluation\.xalpacaeval\.length_table\.sha256",),
    "backend": (r"sampling\.backend",),
    "limit": (r"scoring\.likelihood_fall",),
}
"""Paths of the settings that a rehearsal may change, by kind."""


def rehearsed(
    config: Mapping[str, Any], github: str, hub: str, judges: str, length_table: str
) -> dict[str, Any]:
    """The configuration merged with the overlay and the addresses of the mirrors.

    ``length_table`` is the sha256 of the stand-in's table.
    """
    sizes = yaml.safe_load(OVERLAY.read_text(encoding="utf-8"))
    addresses = {
        "mirrors": {"github": github, "hub": hub},
        "judges": {name: {"api": judges} for name in config["judges"]},
        "evaluation": {"xalpacaeval": {"length_table": {"sha256": length_table}}},
    }
    return merged(merged(config, sizes), addresses)


def differences(config: Mapping[str, Any], changed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every setting that differs: its kind (see ALLOWED), and ``path: before -> after``.

    Raises ValueError for a setting that a rehearsal may not change.
    """
    listed = []
    for path, before, after in _changes(config, changed):
        kinds = [k for k, paths in ALLOWED.items() if any(re.fullmatch(p, path) for p in paths)]
        if not kinds:
            raise ValueError(f"a rehearsal must not change {path}: {before!r} -> {after!r}")
        listed.append((kinds[0], f"{path}: {_shown(before)} -> {_shown(after)}"))
    return listed


def _changes(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from _changes(before.get(key), after.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(after, Mapping) and before is None:
        yield from _changes({}, after, path)
    elif before != after:
        yield path, before, after


def _shown(value: Any) -> str:
    return "the default" if value is None else str(value)
