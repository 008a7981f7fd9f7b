"""Records of where each file under ``resources/`` came from.

All configurations of a checkout share the names under ``resources/``. Without a record, two
configurations that use one name for different sources would overwrite each other's files in turn.
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
    """Its key in the configuration: ``models.mine``, ``questions.mine``."""
    path: str
    origin: Any
    """Its source, as plain values: everything that decides its content."""


def record_origin(path: str | Path, run: str, origin: Any) -> None:
    """Record which run fetched a resource, and from where."""
    write_json({"run": run, "origin": origin}, _record(path))


def conflicts(resources: Iterable[Resource], run: str) -> list[str]:
    """One line for each name that another run uses for a resource of another origin.

    A run may change its own sources: the resource is then fetched again.
    """
    lines: dict[str, str] = {}
    for resource in resources:
        record = _record(resource.path)
        if not Path(resource.path).exists() or not record.is_file():
            continue
        try:
            content = read_json(record)
            owner, origin = content["run"], content["origin"]
        except (InputError, KeyError, TypeError):
            continue  # a damaged record counts as none
        if owner != run and origin != resource.origin:
            lines.setdefault(
                resource.key,
                f"{resource.key}: run '{owner}' uses this name for {_words(origin)} in "
                f"{resource.path}, and run '{run}' for {_words(resource.origin)}; all "
                "configurations of a checkout share this path, so choose another name in one of "
                f"them, or delete the path if '{owner}' no longer needs it",
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
