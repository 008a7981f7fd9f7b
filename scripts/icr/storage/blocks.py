"""Tables of responses, of which a file holds several languages and blocks of prompts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icr.storage.files import read_jsonl, read_table

ROW = ["id", "index"]
"""The columns that tell a response within its language: the id of its prompt, and its number among
the responses."""


def responses_in(language: str, paths: Sequence[str | Path]) -> pd.DataFrame:
    """The rows of a language in a list of files, which is in the order of the blocks."""
    table = pd.concat([read_table(path) for path in paths], ignore_index=True)
    return table[table["language"] == language].reset_index(drop=True)


def first_prompts(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """The rows of the first ``count`` prompts (column ``id``)."""
    return of_prompts(table, table["id"].unique()[:count])


def of_prompts(table: pd.DataFrame, ids: Iterable[str]) -> pd.DataFrame:
    """The rows of some prompts."""
    return table[table["id"].isin(set(ids))].reset_index(drop=True)


def prompts_of_job(
    languages: Sequence[str], files: Sequence[str | Path], first: int, rows: int
) -> dict[str, list[dict[str, Any]]]:
    """A job's prompts by language: ``rows`` rows of each language's file, from row ``first``."""
    return {
        language: read_jsonl(file)[first : first + rows]
        for language, file in zip(languages, files, strict=True)
    }


def responses_of_job(
    prompts: Mapping[str, Collection[Mapping[str, Any]]], paths: Sequence[str | Path]
) -> pd.DataFrame:
    """The responses to a job's prompts, told apart by ids such as ``es/12``."""
    tables = [
        of_prompts(responses_in(language, paths), [row["instruction_id"] for row in rows])
        for language, rows in prompts.items()
    ]
    return without_language(pd.concat(tables, ignore_index=True))


def instructions_of(languages: Sequence[str], files: Sequence[str | Path]) -> dict[str, str]:
    """The text of each prompt by ids such as ``es/12``, from one file per language."""
    return {
        f"{language}/{row['instruction_id']}": row["instruction"]
        for language, file in zip(languages, files, strict=True)
        for row in read_jsonl(file)
    }


def first_of_each(ids: Sequence[str], count: int) -> list[str]:
    """The first ``count`` ids of each language, from ids such as ``es/12``."""
    by_language: dict[str, list[str]] = {}
    for name in ids:
        by_language.setdefault(name.partition("/")[0] if "/" in name else "", []).append(name)
    return [name for names in by_language.values() for name in names[:count]]


def without_language(table: pd.DataFrame) -> pd.DataFrame:
    """A table with ids such as ``es/12`` instead of columns ``language`` and ``id``."""
    return table.assign(id=table["language"] + "/" + table["id"]).drop(columns="language")


def with_language(table: pd.DataFrame) -> pd.DataFrame:
    """The inverse of :func:`without_language`."""
    parts = table["id"].str.partition("/")
    table = table.assign(id=parts[2])
    table.insert(0, "language", parts[0])
    return table
