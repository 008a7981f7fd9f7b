"""Parallel prompt files: reading them, and checking that they are parallel."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from icr.errors import InputError
from icr.storage.rows import Row, located_rows, text_of

SHORT = 0.5
"""A prompt may have been cut if its length, as a share of the English, is less than this times
the share that is usual in its language."""


def prompt_file_in(folder: str | Path, language: str) -> Path:
    """The user's own file of a language."""
    return Path(folder).expanduser() / f"{language}.jsonl"


def read_prompts(path: str | Path, id_key: str = "instruction_id") -> list[dict[str, str]]:
    """Rows ``{instruction, instruction_id}`` of a JSONL file, whose ids stand under ``id_key``.

    Raises InputError naming file and line for a missing or empty file, a row that is no such
    object, an empty instruction, or an id that repeats.
    """
    rows: list[dict[str, str]] = []
    seen: dict[str, str] = {}
    for where, row in located_rows(path):
        prompt = _prompt(where, row, id_key)
        prompt_id = prompt["instruction_id"]
        if prompt_id in seen:
            raise InputError(f"{where}: id {prompt_id} stands on {seen[prompt_id]} already")
        seen[prompt_id] = where.rpartition(", ")[2]
        rows.append(prompt)
    return rows


def _prompt(where: str, row: Row, id_key: str) -> dict[str, str]:
    missing = [key for key in ("instruction", id_key) if row.get(key) in (None, "")]
    if missing:
        raise InputError(
            f"{where}: {' and '.join(missing)} missing or empty; a row is "
            f'{{"instruction": "...", "{id_key}": "..."}}'
        )
    prompt_id = row[id_key]
    if not isinstance(prompt_id, str | int) or isinstance(prompt_id, bool):
        raise InputError(f"{where}: the {id_key} must be a text or a whole number")
    return {"instruction": text_of(where, row, "instruction"), "instruction_id": str(prompt_id)}


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


def check_translations(path: str | Path, english: str | Path | None = None) -> dict[str, str]:
    """Finished translations by id.

    Raises InputError for a bad file, and, where the English one is named, if an id of it is
    missing.
    """
    texts = {row["instruction_id"]: row["instruction"] for row in read_prompts(path)}
    if english is not None:
        missing = [i for row in read_prompts(english) if (i := row["instruction_id"]) not in texts]
        if missing:
            raise InputError(f"{path} lacks {len(missing)} ids of {english}, first {missing[0]}")
    return texts


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
