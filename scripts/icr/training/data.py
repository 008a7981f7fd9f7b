"""From pair files to the rows that the trainers read."""

import random
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from icr.errors import InputError

IDS = ["prompt_ids", "chosen_ids", "rejected_ids"]


def read_pairs(paths: Sequence[str | Path], max_length: int | None) -> tuple[pd.DataFrame, int]:
    """Recorded token ids of all pairs, and how many pairs were left out as longer than max_length.

    Nothing is tokenised again, cut, or given an end token that the sampler did not record.

    Raises InputError if no pair is left.
    """
    pairs = pd.concat([pd.read_parquet(path, columns=IDS) for path in paths], ignore_index=True)
    found = len(pairs)
    if max_length is not None:
        sizes = pairs.map(len)
        longest = sizes["prompt_ids"] + sizes[["chosen_ids", "rejected_ids"]].max(axis=1)
        pairs = pairs[longest <= max_length].reset_index(drop=True)
    if pairs.empty:
        raise InputError(f"none of {found} pairs has at most {max_length} tokens; raise max_length")
    return pairs, found - len(pairs)


def kto_rows(pairs: pd.DataFrame, micro_batch: int, seed: int) -> pd.DataFrame:
    """Unpaired rows for KTO: prompt_ids, completion_ids, KL_completion_ids, label.

    The trainer reads them in order, so they are shuffled here, and a prompt's chosen and rejected
    rows are kept apart: chosen ones of one half of the prompts stand beside rejected ones of the
    other. The KL term pairs each prompt of a micro-batch with the completion of the row before.
    """
    order = list(range(len(pairs)))
    random.Random(seed).shuffle(order)
    shift = len(order) // 2
    sides = [
        (order[(place + side * shift) % len(order)], side)
        for place in range(len(order))
        for side in (0, 1)
    ]
    rows = pd.DataFrame(
        {
            "prompt_ids": [pairs["prompt_ids"][row] for row, _ in sides],
            "completion_ids": [
                pairs["rejected_ids" if side else "chosen_ids"][row] for row, side in sides
            ],
            "label": [side == 0 for _, side in sides],
        }
    )
    before = [
        (start + (k - 1) % size)
        for start in range(0, len(rows), micro_batch)
        for size in [min(micro_batch, len(rows) - start)]
        for k in range(size)
    ]
    return rows.assign(KL_completion_ids=[rows["completion_ids"][i] for i in before])
