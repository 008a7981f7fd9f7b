"""Parallel prompt files: reading them, and checking that they are parallel."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from icr.errors import InputError

SHORT = 0.5
"""A prompt may have been cut if its length, as a share of the English, is less than this times
the share that is usual in its language."""


def read_prompts(path: str | Path, id_key: str = "instruction_id") -> list[dict[str, str]]:
    """Rows ``{instruction, instruction_id}`` of a JSONL file, whose ids stand under ``id_key``.

    Raises InputError naming file and line for a missing or empty file, a row that is no such
    object, an empty instruction, or an id that repeats.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"prompt file {path} is missing")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"prompt file {path} is not UTF-8 text: {error}") from None
    rows: list[dict[str, str]] = []
    seen: dict[str, int] = {}
    # Only newlines part rows: a text may hold other characters that splitlines() breaks at.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        row = _row(line, where, id_key)
        one = row["instruction_id"]
        if one in seen:
            raise InputError(f"{where}: id {one} stands on line {seen[one]} already")
        seen[one] = number
        rows.append(row)
    if not rows:
        raise InputError(f"prompt file {path} is empty")
    return rows


def _row(line: str, where: str, id_key: str) -> dict[str, str]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: no JSON: {error}") from None
    if not isinstance(row, dict):
        raise InputError(f"{where}: a row must be a JSON object, this is a {type(row).__name__}")
    missing = [key for key in ("instruction", id_key) if row.get(key) in (None, "")]
    if missing:
        raise InputError(
            f"{where}: {' and '.join(missing)} missing or empty; a row is "
            f'{{"instruction": "...", "{id_key}": "..."}}'
        )
    text, one = row["instruction"], row[id_key]
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"{where}: the instruction of {one} must be a text that is not empty")
    if not isinstance(one, str | int):
        raise InputError(f"{where}: the {id_key} must be a text or a number")
    return {"instruction": text, "instruction_id": str(one)}


def check_parallel(files: Mapping[str, str | Path], size: int) -> dict[str, dict[str, int]]:
    """Counts by language, after checking that every file has the English ids in their order.

    Returned: prompts, and how many look untranslated (the English text) or cut (very short beside
    the English, for the language); those are reported, not refused, as upstream's files have some.

    Raises InputError if the files are not parallel, have fewer than ``size`` prompts, or if one is
    the English file under another name.
    """
    if "en" not in files:
        raise InputError(f"prompts in {', '.join(files)} lack the English file that they follow")
    english = read_prompts(files["en"])
    return {
        language: _against(english, read_prompts(path), language, path, size)
        for language, path in files.items()
    }


def _against(
    english: Sequence[Mapping[str, str]],
    rows: Sequence[Mapping[str, str]],
    language: str,
    path: str | Path,
    size: int,
) -> dict[str, int]:
    if len(rows) < size:
        raise InputError(f"{path}: {len(rows)} prompts, the configuration says {size}")
    for place, (row, original) in enumerate(zip(rows, english, strict=False), start=1):
        if row["instruction_id"] != original["instruction_id"]:
            raise InputError(
                f"{path}: prompt {place} has id {row['instruction_id']}, the English file has "
                f"{original['instruction_id']} there; parallel files need the same ids in the "
                "same order"
            )
    if len(rows) != len(english):
        raise InputError(f"{path}: {len(rows)} prompts, the English file has {len(english)}")
    texts = [(r["instruction"], e["instruction"]) for r, e in zip(rows, english, strict=True)]
    shares = [len(ours) / len(original) for ours, original in texts]
    same = sum(ours == original for ours, original in texts)
    if language != "en" and same == len(rows):
        raise InputError(f"{path}: every prompt is the English text; '{language}' was expected")
    return {
        "prompts": len(rows),
        "untranslated": same if language != "en" else 0,
        "short": sum(share < SHORT * median(shares) for share in shares),
    }
