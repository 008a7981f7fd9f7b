"""Preference pairs of a data set on the hub."""

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.preferences.rows import preferences
from icr.storage.hub_datasets import dataset_source, load_split
from icr.storage.rows import Located

NEEDED = ("chosen", "rejected")


def fetch_pairs(
    source: Mapping[str, Any],
    language: str,
    mirror: str,
    invalid: str,
    ids: Collection[str] | None = None,
) -> pd.DataFrame:
    """A language's pairs of a split, in its order (:func:`icr.preferences.rows.preferences`).

    ``source`` has the keys of :class:`icr.config.preferences.HubPreferences`. With ``ids``, other
    rows are left out, and no id may be missing. Prints the commit and the discarded rows.

    Raises InputError if the split cannot be fetched, lacks a column or an id, or for an invalid
    row.
    """
    if "://" in mirror:
        os.environ["HF_ENDPOINT"] = mirror
    name = source["config"]
    if name is not None:
        name = name.format(code=source["codes"].get(language, language))
    commit, arguments = dataset_source(source["hub"], mirror, source["revision"])
    # A temporary cache: the user's identifies copies by name and may return outdated data.
    with tempfile.TemporaryDirectory() as cache:
        data = load_split(
            source["hub"], name, {**arguments, "split": source["split"], "cache_dir": cache}
        )
        where = f"{source['hub']} {name or ''} {source['split']}".replace("  ", " ")
        located = list(_renamed(data, source["columns"], where))
    table, problems = preferences(located, invalid, where)
    if ids is not None:
        table = table[table["id"].isin(set(ids))].reset_index(drop=True)
        if missing := set(ids) - set(table["id"]):
            raise InputError(
                f"{where} lacks {len(missing)} ids of the language that 'like' names, such as "
                f"{min(missing)}"
            )
    print(f"{where}@{commit}: {len(table)} pairs, {len(problems)} rows discarded")
    for problem in problems[:10]:
        print(f"  {problem}")
    return table


def _renamed(data: Any, columns: Mapping[str, str], where: str) -> Iterator[Located]:
    """The rows under this project's column names, each with its number for messages."""
    names = {columns.get(name, name): name for name in ("id", "prompt", "chosen", "rejected")}
    names |= {columns[name]: name for name in ("subset",) if name in columns}
    if "subset" in data.column_names and "subset" not in columns:
        names["subset"] = "subset"
    missing = [column for column, name in names.items() if column not in data.column_names
               and (name in NEEDED or column in columns.values())]  # fmt: skip
    if missing:
        raise InputError(
            f"{where} has no column {', '.join(missing)}; it has {', '.join(data.column_names)}. "
            "Name its columns under 'columns' of the source"
        )
    for number, row in enumerate(data):
        yield (
            f"{where}, row {number}",
            {name: row[column] for column, name in names.items() if column in row},
        )
