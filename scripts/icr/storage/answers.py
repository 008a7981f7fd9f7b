"""Verdicts on disk, which survive a kill, so that no question is asked twice."""

import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType, UnionType
from typing import Any, Self

from icr.errors import InputError
from icr.storage.text import has_half_characters


def key_of(asked: Mapping[str, Any]) -> str:
    """The sha256 of a whole request: model, messages, parameters."""
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


Shape = Mapping[str, Callable[[Any], bool]]
"""The keys that a row must hold, each with a check of its value."""


def is_text(value: Any) -> bool:
    """Whether a value is a text."""
    return isinstance(value, str)


def _numbers(value: Any, kind: type | UnionType) -> bool:
    """Whether a value is a mapping from texts to numbers of a type."""
    return isinstance(value, dict) and all(
        isinstance(number, kind) and not isinstance(number, bool) for number in value.values()
    )


VERDICT: Shape = {
    "text": is_text,
    "logprobs": lambda value: (
        value is None
        or (isinstance(value, list) and all(_numbers(token, int | float) for token in value))
    ),
    "tokens": lambda value: _numbers(value, int) and {"input", "output"} <= value.keys(),
}
"""The shape of a verdict, without its key."""


class Store:
    """An append-only JSON Lines file with one verdict per line, identified by its ``key``.

    ``shape`` says what else a row holds; translations are stored in the same way. Each line
    reaches the disk before :meth:`add` returns, so a kill can tear only the last line. A torn
    line is skipped, and the next verdict begins on a new line.

    Raises InputError if another process has the store open, or for a complete line that is not a
    verdict.
    """

    def __init__(self, path: str | Path, shape: Shape = VERDICT) -> None:
        self.path, self.shape = Path(path), {"key": is_text, **shape}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("a+b", buffering=0)
        self._guard = threading.Lock()
        self._rows: dict[str, dict[str, Any]] = {}
        try:
            self._lock()
            self._read()
        except BaseException:
            self._file.close()
            raise

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"{self.path}: another process is writing these verdicts; wait for it, or stop it"
            ) from None
        except OSError:
            pass  # a file system without locks

    def _read(self) -> None:
        self._file.seek(0)
        content = self._file.read()
        for number, line in enumerate(content.split(b"\n"), start=1):
            try:
                row = json.loads(line) if line.strip() else None
            except ValueError:
                if not _torn(line):
                    raise self._foreign(number, "not valid JSON") from None
                print(f"{self.path}, line {number}: torn; its question will be asked again")
                continue
            if row is None:
                continue
            if problem := _problem(row, self.shape):
                raise self._foreign(number, problem)
            self._rows.setdefault(row["key"], row)
        if content and not content.endswith(b"\n"):
            self._write(b"\n")

    def _foreign(self, line: int, problem: str) -> InputError:
        return InputError(
            f"{self.path}, line {line}: not a verdict ({problem}); delete the line, and its "
            "question is asked again"
        )

    def _write(self, line: bytes) -> None:
        while line:
            line = line[self._file.write(line) :]
        os.fsync(self._file.fileno())

    def get(self, key: str) -> dict[str, Any] | None:
        """The verdict under a key; None if it is not stored."""
        return self._rows.get(key)

    def add(self, row: Mapping[str, Any]) -> None:
        """Store a verdict; a key that is already stored keeps its first verdict."""
        line = json.dumps(row, ensure_ascii=False) + "\n"
        with self._guard:
            if row["key"] not in self._rows:
                self._write(line.encode())
                self._rows[row["key"]] = dict(row)

    def __len__(self) -> int:
        return len(self._rows)

    def close(self) -> None:
        """Close the file and release its lock."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _torn(line: bytes) -> bool:
    """Whether a line may be a verdict that a kill truncated: its beginning, or NUL bytes."""
    start = b'{"key": "'
    return line.startswith(start) or start.startswith(line) or not line.strip(b"\0")


def _problem(row: Any, shape: Shape) -> str | None:
    """Why a parsed line is not a verdict; None if it is one."""
    if not isinstance(row, dict):
        return f"a JSON {type(row).__name__} instead of an object"
    for key, fits in shape.items():
        if key not in row:
            return f"the key '{key}' is missing"
        if not fits(row[key]):
            return f"'{key}' has the wrong form"
    if has_half_characters(json.dumps(row, ensure_ascii=False)):
        return "half of a character in its text"
    return None
