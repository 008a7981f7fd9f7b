"""Tables that are stored in blocks of prompts."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from icr.storage.files import read_table

ROW = ["id", "index"]
"""The columns that identify a response: the id of its prompt, and its number among responses."""


def first_prompts(paths: Sequence[str | Path], count: int) -> pd.DataFrame:
    """The rows of the first ``count`` prompts (column ``id``) in a list of blocks."""
    table = pd.concat([read_table(path) for path in paths], ignore_index=True)
    ids = table["id"].unique()[:count]
    return table[table["id"].isin(set(ids))].reset_index(drop=True)
