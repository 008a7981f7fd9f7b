"""Where each file under ``resources/`` came from, recorded beside it.

All configurations of a checkout share the names under ``resources/``. Without a record, two that
call different things by one name would fetch and rerun each other's work in turn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.storage.files import read_json, write_json


@dataclass(frozen=True)
class Resource:
    """A file or folder under ``resources/``."""

    key: str
    """What the configuration calls it: ``models.mine``, ``questions.mine``."""
    path: str
    origin: Any
    """Where it comes from, as plain values: all that decides its content."""


def record_origin(path: str | Path, run: str, origin: Any) -> None:
    """Write down which run brought a resource, and from where."""
    write_json({"run": run, "origin": origin}, _record(path))


def conflicts(resources: Iterable[Resource], run: str) -> list[str]:
    """One line for each name under which another run keeps something of another origin.

    A run may change its own sources: that only fetches anew.
    """
    lines: dict[str, str] = {}
    for resource in resources:
        record = _record(resource.path)
        if not Path(resource.path).exists() or not record.is_file():
            continue
        try:
            known = read_json(record)
            known = {"run": known["run"], "origin": known["origin"]}
        except (InputError, KeyError, TypeError):
            continue  # damaged: as if it had never been written
        if known["run"] != run and known["origin"] != resource.origin:
            lines.setdefault(
                resource.key,
                f"{resource.key}: run '{known['run']}' keeps {_words(known['origin'])} by this "
                f"name in {resource.path}, and run '{run}' means {_words(resource.origin)}; all "
                "configurations of a checkout share it, so choose another name in one of them, or "
                f"delete it if '{known['run']}' needs it no more",
            )
    return list(lines.values())


def _record(path: str | Path) -> Path:
    path = Path(path)
    return path.with_name(f".{path.name}.origin.json")


def _words(origin: Any) -> str:
    if isinstance(origin, dict):
        parts = (f"{key}: {_words(value)}" for key, value in origin.items() if value is not None)
        return "{" + ", ".join(parts) + "}"
    return str(origin)
