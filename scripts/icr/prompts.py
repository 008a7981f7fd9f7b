"""Parallel prompt files: reading them, and checking that they are parallel."""

import json
from collections.abc import Mapping
from pathlib import Path

from icr.errors import InputError

SHORT = 0.3
"""A prompt with less than this share of the English length may have been cut."""


def read_prompts(path: str | Path) -> list[dict[str, str]]:
    """Rows ``{instruction, instruction_id}`` of a JSONL file.

    Raises InputError naming file and line for a missing or empty file, a row that is no such
    object, an empty instruction, or an id that repeats.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"prompt file {path} is missing")
    rows: list[dict[str, str]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
            text, one = row["instruction"], row["instruction_id"]
        except (ValueError, KeyError, TypeError):
            raise InputError(
                f"{where}: a row must be a JSON object with 'instruction' and 'instruction_id'"
            ) from None
        if not isinstance(text, str) or not text.strip():
            raise InputError(f"{where}: the instruction of {one} is empty")
        if one in seen:
            raise InputError(f"{where}: id {one} stands on line {seen[one]} already")
        seen[one] = number
        rows.append({"instruction": text, "instruction_id": str(one)})
    if not rows:
        raise InputError(f"prompt file {path} is empty")
    return rows


def check_parallel(files: Mapping[str, str | Path], size: int) -> dict[str, dict[str, int]]:
    """Counts by language, after checking that every file has the English ids in their order.

    Returned: prompts, and how many look untranslated (the English text) or cut (very short beside
    the English); those are reported, not refused, as upstream's own files have some.

    Raises InputError if the files are not parallel or have fewer than ``size`` prompts.
    """
    english = read_prompts(files["en"])
    report = {}
    for language, path in files.items():
        rows = read_prompts(path)
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
        report[language] = {
            "prompts": len(rows),
            "untranslated": sum(ours == en for ours, en in texts) if language != "en" else 0,
            "short": sum(len(ours) < SHORT * len(en) for ours, en in texts),
        }
    return report
