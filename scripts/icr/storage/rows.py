"""Rows of a JSON file, each with its file and line for error messages."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.storage.files import read_text

Row = dict[str, Any]
Located = tuple[str, Row]
"""File and line of a row, as text, and the row."""


def located_rows(path: str | Path) -> list[Located]:
    """The objects of a JSON Lines file or of a JSON list, each with its file and line.

    UTF-8 with or without a byte order mark.

    Raises InputError, naming file and line, for a missing or empty file or any other content.
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
    # Only newlines separate rows: splitlines() also breaks at characters that texts may hold.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise InputError(
                    f"{path}, line {number}: not valid JSON: {error}; the file must hold one JSON "
                    "object per line, or one JSON list"
                ) from None


def _of_list(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    try:
        count = len(json.loads(text))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: not valid JSON: {error.msg}") from None
    decoder, position = json.JSONDecoder(), text.index("[") + 1
    for _ in range(count):
        while text[position] in ", \t\r\n":
            position += 1
        row, end = decoder.raw_decode(text, position)
        yield text.count("\n", 0, position) + 1, row
        position = end


def _check(where: str, row: Any) -> None:
    if not isinstance(row, dict):
        raise InputError(f"{where}: a row must be a JSON object, not a {type(row).__name__}")
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError(
            f"{where}: half of a character (a lone \\ud800 to \\udfff escape); write the text as "
            "UTF-8, or with both halves"
        ) from None


def text_of(where: str, row: Row, key: str) -> str:
    """The text under a key. Raises InputError if it is missing, not a text, or blank."""
    text = row.get(key)
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where}: '{key}' must be a non-empty text")
    return text
