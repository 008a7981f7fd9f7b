"""Parallel prompt files: reading, and checks that they are parallel."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from icr.errors import InputError
from icr.storage.rows import Row, located_rows, text_of

SHORT = 0.5
"""A prompt counts as short, possibly truncated, if the ratio of its length to that of the English
prompt is less than this times the median ratio of its language."""


def prompt_file_in(folder: str | Path, language: str) -> Path:
    """The user's own file of a language."""
    return Path(folder).expanduser() / f"{language}.jsonl"


def read_prompts(path: str | Path, id_key: str = "instruction_id") -> list[dict[str, str]]:
    """Rows ``{instruction, instruction_id}`` of a JSON Lines file that holds ids as ``id_key``.

    Raises InputError naming file and line for a missing or empty file, a row of another form, an
    empty instruction, or a repeated id.
    """
    rows: list[dict[str, str]] = []
    seen: dict[str, str] = {}
    for where, row in located_rows(path):
        prompt = _prompt(where, row, id_key)
        prompt_id = prompt["instruction_id"]
        if prompt_id in seen:
            raise InputError(f"{where}: id {prompt_id} is already used on {seen[prompt_id]}")
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
    """Counts by language, after a check that every file has the English ids in their order.

    Returns by language the number of ``prompts`` and how many look ``untranslated`` (the English
    text) or ``short`` (see SHORT). These are not errors, since the upstream files have some.

    Raises InputError if the files are not parallel, have fewer than ``size`` prompts, or if the
    file of another language holds the English text throughout.
    """
    if "en" not in files:
        raise InputError(f"prompts in {', '.join(files)} need the English file of the same prompts")
    english = read_prompts(files["en"])
    return {
        language: _against(english, read_prompts(path), language, path, size)
        for language, path in files.items()
    }


def check_translations(path: str | Path, english: str | Path | None = None) -> dict[str, str]:
    """Finished translations by id.

    Raises InputError for an invalid file, and, if ``english`` is given, for a missing id.
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
        raise InputError(f"{path}: {len(rows)} prompts, but the configuration says {size}")
    for number, (row, original) in enumerate(zip(rows, english, strict=False), start=1):
        if row["instruction_id"] != original["instruction_id"]:
            raise InputError(
                f"{path}: prompt {number} has id {row['instruction_id']}, in the English file it "
                f"has {original['instruction_id']}; parallel files need the same ids in the same "
                "order"
            )
    if len(rows) != len(english):
        raise InputError(f"{path}: {len(rows)} prompts, but the English file has {len(english)}")
    texts = [(r["instruction"], e["instruction"]) for r, e in zip(rows, english, strict=True)]
    ratios = [len(text) / len(original) for text, original in texts]
    untranslated = sum(text == original for text, original in texts)
    if language != "en" and untranslated == len(rows):
        raise InputError(f"{path}: every prompt is the English text; '{language}' was expected")
    return {
        "prompts": len(rows),
        "untranslated": untranslated if language != "en" else 0,
        "short": sum(ratio < SHORT * median(ratios) for ratio in ratios),
    }
