"""Fingerprints of the code that a script reaches, for rerunning exactly what an edit touches.

Snakemake sees an edit of a script but not of the definitions that it uses. Names are followed
from the script through functions, classes and constants of the library, and of each definition
the syntax is hashed without that which enters no result
(:mod:`icr.meaning`). Modules that only tell, keep or move results are not
followed (:mod:`icr.workflow.fingerprint.exempt`).

Where it cannot tell, it includes: a class brings all of its methods, a module that is used as a
value all of its definitions, and a local variable what has its name. What registers itself counts
where its module is imported, but for the entries that a job does not choose
(:mod:`icr.workflow.fingerprint.choices`). What it does not see is code that is found by no name, as
subclasses that a base class lists.
"""

import hashlib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from icr.workflow.fingerprint.pieces import Library
from icr.workflow.fingerprint.reach import Walk

LIBRARY = Path(__file__).resolve().parents[2]
"""The folder of the package ``icr``."""


def definitions(
    script: str | Path,
    omitted: Collection[str] = (),
    rows: Mapping[str, Collection[str]] | None = None,
    library: Path = LIBRARY,
    also: Collection[str] = (),
    extensions: Mapping[str, Path] | None = None,
) -> dict[str, str]:
    """Digests of the script and of each definition that it reaches, by dotted name.

    ``omitted`` are modules and definitions that a job does not come to although its script names
    them. ``rows`` names constants that are tables, with the keys that a job looks up: of such a
    table only those rows count. ``also`` are dotted names that the script does not hold, because
    it looks them up by a parameter. ``extensions`` are modules outside of the library that the job
    uses, with their files.
    """
    walk = Walk(_library(library, tuple(sorted((extensions or {}).items()))), omitted, rows)
    return walk.script(Path(script).resolve(), also)


def exempted(script: str | Path, library: Path = LIBRARY) -> set[str]:
    """The definitions that the script reaches and that are no part of its fingerprint."""
    walk = Walk(_library(library))
    walk.script(Path(script).resolve())
    return walk.exempted


def fingerprint(reached: Mapping[str, str]) -> str:
    """One digest for what :func:`definitions` gives."""
    lines = "\n".join(f"{name} {digest}" for name, digest in sorted(reached.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


@cache
def _library(folder: Path, extensions: tuple[tuple[str, Path], ...] = ()) -> Library:
    return Library(folder, dict(extensions))
