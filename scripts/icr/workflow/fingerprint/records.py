"""Records of the definitions behind each fingerprint, to name later changes.

Snakemake records the fingerprint with each result. The definitions behind it are stored beside
Snakemake's records, in a file named by the fingerprint, which therefore never changes. Without
that file a change is still detected, but cannot be named.
"""

from collections.abc import Mapping
from pathlib import Path

from icr.errors import InputError
from icr.storage.files import read_json, write_json
from icr.workflow.fingerprint import fingerprint

FOLDER = Path(".snakemake/fingerprints")

_taken: dict[str, dict[str, str]] = {}


def take(reached: Mapping[str, str]) -> str:
    """The fingerprint of some definitions; this process remembers them."""
    digest = fingerprint(reached)
    _taken[digest] = dict(reached)
    return digest


def keep(digest: str, folder: Path = FOLDER) -> None:
    """Store the definitions behind a fingerprint that this process took."""
    file = folder / f"{digest}.json"
    if digest in _taken and not file.exists():
        write_json(_taken[digest], file)


def behind(digest: str, folder: Path = FOLDER) -> dict[str, str] | None:
    """The definitions behind a fingerprint; None if no process stored them."""
    if digest in _taken:
        return _taken[digest]
    try:
        stored: dict[str, str] = read_json(folder / f"{digest}.json")
    except InputError:
        return None
    return stored


def changed(before: str, now: str, folder: Path = FOLDER) -> list[str]:
    """The definitions that differ between two fingerprints, and how they differ."""
    old, new = behind(before, folder), behind(now, folder)
    if old is None or new is None:
        return ["code that is not on record"]
    differences = {
        name: "is new" if name not in old else "is gone" if name not in new else "changed"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }
    # A definition is newly reached, or no longer reached, because another one changed.
    direct = {name: word for name, word in differences.items() if word == "changed"}
    return [f"{name} {word}" for name, word in (direct or differences).items()]
