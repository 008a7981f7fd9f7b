"""Question, reference and output files of the benchmarks: fetching and reading them."""

import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from icr.downloads import expected_blob, fetch_github
from icr.errors import InputError

Row = dict[str, Any]


def read_rows(path: str | Path) -> list[Row]:
    """The objects of a JSON list, or of a file with one object a line.

    Raises InputError, naming file and line, for a missing or empty file or one that holds
    anything else.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"file {path} is missing")
    try:
        text = path.read_text(encoding="utf-8")
        if text.lstrip()[:1] == "[":
            rows = json.loads(text)
        else:
            rows = [json.loads(line) for line in text.split("\n") if line.strip()]
    except ValueError as error:
        raise InputError(f"{path}: neither a JSON list nor JSON lines: {error}") from None
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise InputError(f"{path}, row {number}: must be a JSON object")
    if not rows:
        raise InputError(f"{path} is empty")
    return list(rows)


def fetch_rows(
    source: Mapping[str, Any], language: str, mirror: str, upstream_files: str | Path
) -> list[Row]:
    """The rows of one language from a folder, or from a repository through the mirror.

    Raises InputError if the file cannot be had, or is another one than ``upstream_files`` lists.
    """
    if "folder" in source:
        folder = Path(source["folder"]).expanduser()
        named = [folder / f"{language}.{kind}" for kind in ("jsonl", "json")]
        return read_rows(next((path for path in named if path.is_file()), named[0]))
    file_name = source["path"].format(language=language, LANGUAGE=language.upper())
    place = (source["repo"], source["commit"], file_name)
    with TemporaryDirectory() as temporary:
        file = Path(temporary) / Path(file_name).name
        fetch_github(*place, expected_blob(upstream_files, *place), file, mirror)
        return read_rows(file)


def occurrences(rows: list[Row], key: str = "instruction") -> list[tuple[str, int]]:
    """Each row's text, and how often it stood before.

    Translations of different questions may coincide; joined by this, rows do not multiply.

    Raises InputError for a row without the text.
    """
    seen: dict[str, int] = {}
    found = []
    for number, row in enumerate(rows, start=1):
        text = row.get(key)
        if not isinstance(text, str):
            raise InputError(f"row {number} has no text under '{key}': {str(row)[:200]}")
        found.append((text, seen.get(text, 0)))
        seen[text] = seen.get(text, 0) + 1
    return found
