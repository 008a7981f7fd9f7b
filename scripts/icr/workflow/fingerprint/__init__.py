"""Fingerprints of the code that a script reaches, so that an edit reruns exactly what it affects.

Snakemake notices an edit of a script, but not of the definitions that the script uses. So names
are followed from the script through functions, classes and constants of the library, and the
syntax of each definition is hashed without the parts that cannot change a result
(:mod:`icr.meaning`). Modules that only print, store or move results are not followed
(:mod:`icr.workflow.fingerprint.exempt`).

In doubt, code is included: a class with all of its methods, a module that is used as a value with
all of its definitions, and for a local variable the definition of the same name. A definition
that registers itself is included if its module is imported, unless the job uses another entry of
the registry (:mod:`icr.workflow.fingerprint.choices`). Code that no name leads to is not included,
such as the subclasses that a base class lists.
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

    ``omitted`` lists modules and definitions that the script names but a job does not use.
    ``rows`` maps constants that are tables to the keys that a job looks up: only these rows
    count. ``also`` lists dotted names that the script looks up by a parameter. ``extensions`` maps
    modules outside of the library that the job uses to their files.
    """
    walk = Walk(_library(library, tuple(sorted((extensions or {}).items()))), omitted, rows)
    return walk.script(Path(script).resolve(), also)


def exempted(script: str | Path, library: Path = LIBRARY) -> set[str]:
    """The definitions that the script reaches but its fingerprint leaves out."""
    walk = Walk(_library(library))
    walk.script(Path(script).resolve())
    return walk.exempted


def fingerprint(reached: Mapping[str, str]) -> str:
    """One digest of the result of :func:`definitions`."""
    lines = "\n".join(f"{name} {digest}" for name, digest in sorted(reached.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


@cache
def _library(folder: Path, extensions: tuple[tuple[str, Path], ...] = ()) -> Library:
    return Library(folder, dict(extensions))
