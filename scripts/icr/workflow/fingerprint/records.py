"""What stands behind a fingerprint, kept so that a later start can say what changed.

Snakemake records the fingerprint with each result; the definitions behind it lie beside its
records, in a file that is named by the fingerprint and so never changes. Without that file a
change is still noticed, and only its name is missing.
"""

from collections.abc import Mapping
from pathlib import Path

from icr.errors import InputError
from icr.storage.files import read_json, write_json
from icr.workflow.fingerprint import fingerprint

FOLDER = Path(".snakemake/fingerprints")

_taken: dict[str, dict[str, str]] = {}


def take(reached: Mapping[str, str]) -> str:
    """The fingerprint of some definitions, which this process remembers."""
    digest = fingerprint(reached)
    _taken[digest] = dict(reached)
    return digest


def keep(digest: str, folder: Path = FOLDER) -> None:
    """Write down the definitions behind a fingerprint that this process took."""
    file = folder / f"{digest}.json"
    if digest in _taken and not file.exists():
        write_json(_taken[digest], file)


def behind(digest: str, folder: Path = FOLDER) -> dict[str, str] | None:
    """The definitions behind a fingerprint, of this process or of an earlier one."""
    if digest in _taken:
        return _taken[digest]
    try:
        known: dict[str, str] = read_json(folder / f"{digest}.json")
    except InputError:
        return None
    return known


def changed(before: str, now: str, folder: Path = FOLDER) -> list[str]:
    """Which definitions differ between two fingerprints, in words."""
    old, new = behind(before, folder), behind(now, folder)
    if old is None or new is None:
        return ["code that is not on record"]
    words = {
        name: "is new" if name not in old else "is gone" if name not in new else "changed"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    }
    # A definition that is reached only now, or no more, follows from one that changed.
    direct = {name: word for name, word in words.items() if word == "changed"}
    return [f"{name} {word}" for name, word in (direct or words).items()]
