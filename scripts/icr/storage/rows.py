"""Rows of a text file, each with the place where it stands."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.storage.files import read_text

Row = dict[str, Any]
Located = tuple[str, Row]
"""A row, after the words that say where it stands: file and line."""


def located_rows(path: str | Path) -> list[Located]:
    """The objects of a file with one JSON object a line, or of a JSON list, with their places.

    UTF-8 with or without a byte order mark.

    Raises InputError, naming file and line, for a missing or empty file or one that holds
    anything else.
    """
    path, text = Path(path), read_text(path)
    parsed = _of_list if text.lstrip()[:1] == "[" else _of_lines
    rows = [(f"{path}, line {line}", row) for line, row in parsed(text, path)]
    if not rows:
        raise InputError(f"file {path} is empty")
    for where, row in rows:
        _check(where, row)
    return rows


def _of_lines(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    # Only newlines part rows: a text may hold other characters that splitlines() breaks at.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise InputError(
                    f"{path}, line {number}: no JSON: {error}; the file must hold one JSON object "
                    "a line, or one JSON list"
                ) from None


def _of_list(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    try:
        count = len(json.loads(text))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: no JSON: {error.msg}") from None
    decoder, place = json.JSONDecoder(), text.index("[") + 1
    for _ in range(count):
        while text[place] in ", \t\r\n":
            place += 1
        row, end = decoder.raw_decode(text, place)
        yield text.count("\n", 0, place) + 1, row
        place = end


def _check(where: str, row: Any) -> None:
    if not isinstance(row, dict):
        raise InputError(f"{where}: a row must be a JSON object, this is a {type(row).__name__}")
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError(
            f"{where}: half of a character (a lone \\ud800 to \\udfff escape); write the text as "
            "UTF-8, or with both halves"
        ) from None


def text_of(where: str, row: Row, key: str) -> str:
    """The text under a key. Raises InputError if there is none, or nothing but blanks."""
    text = row.get(key)
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where}: '{key}' must be a text that is not empty")
    return text
