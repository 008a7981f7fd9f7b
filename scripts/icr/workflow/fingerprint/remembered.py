"""Definitions that earlier starts followed, used again as long as no source file has changed.

Following the names of all scripts takes more than a second of each start.
"""

import hashlib
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.storage.files import read_json, write_json
from icr.workflow.fingerprint.records import FOLDER

FILE = FOLDER / "remembered.json"


class Remembered:
    """The definitions behind each fingerprint of one state of the code.

    ``sources`` are all files from which definitions may come.
    """

    def __init__(self, sources: Iterable[Path], file: Path = FILE) -> None:
        self.file = file.absolute()  # Snakemake leaves its working directory before the end
        self._state = _digest(sources)
        self._new = False
        self._known: dict[str, dict[str, str]] = {}
        try:
            stored = read_json(file)
        except InputError:
            return  # none yet, or damaged
        if isinstance(stored, dict) and stored.get("sources") == self._state:
            self._known = stored["definitions"]

    def definitions(self, arguments: Any, follow: Callable[[], dict[str, str]]) -> dict[str, str]:
        """The result of ``follow``, which depends on ``arguments`` and the sources alone."""
        key = repr(arguments)
        if key not in self._known:
            self._known[key] = follow()
            self._new = True
        return self._known[key]

    def save(self) -> None:
        """Write what was followed, for the next start; without it, that start takes longer."""
        if self._new:
            with suppress(OSError):
                write_json({"sources": self._state, "definitions": self._known}, self.file)


def _digest(files: Iterable[Path]) -> str:
    state = hashlib.sha256(sys.version.encode())
    for file in sorted(files):
        state.update(f"\0{file}\0".encode())
        state.update(file.read_bytes())
    return state.hexdigest()
