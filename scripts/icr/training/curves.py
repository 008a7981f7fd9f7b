"""Training curves: one row per optimizer step."""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

COLUMNS = [
    "step",
    "loss",
    "dpo",
    "nll",
    "margin",
    "accuracy",
    "chosen_reward",
    "rejected_reward",
    "chosen_logp",
    "rejected_logp",
    "chosen_length",
    "rejected_length",
    "kl",
    "learning_rate",
    "grad_norm",
]
"""Log-probabilities in nats, lengths in tokens, means over the examples of the step."""


def curves(history: Sequence[dict[str, Any]], metrics: Iterable[str] = ()) -> pd.DataFrame:
    """Table with :data:`COLUMNS` and the loss's own ``metrics``, from the trainer's log history.

    Columns that the loss does not report are empty. The margin of KTO, which has no pairs, is the
    difference of the mean rewards.
    """
    columns = list(dict.fromkeys([*COLUMNS, *metrics]))
    table = pd.DataFrame([row for row in history if "loss" in row]).reindex(columns=columns)
    gap = table["chosen_reward"] - table["rejected_reward"]
    return table.assign(margin=table["margin"].fillna(gap))
