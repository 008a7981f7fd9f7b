"""Training curves: one row an optimizer step."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

NAMES = {
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
    "dpo": "dpo",
    "nll": "nll",
    "margin": "margin",
    "accuracy": "accuracy",
    "chosen_reward": "chosen_reward",
    "rejected_reward": "rejected_reward",
    "chosen_logp": "chosen_logp",
    "rejected_logp": "rejected_logp",
    "chosen_length": "chosen_length",
    "rejected_length": "rejected_length",
    # TRL's names in the KTO trainer
    "rewards/chosen": "chosen_reward",
    "rewards/rejected": "rejected_reward",
    "rewards/margins": "margin",
    "logps/chosen": "chosen_logp",
    "logps/rejected": "rejected_logp",
    "kl": "kl",
}
"""Columns by the name under which a trainer logs them."""


def curves(history: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Table with step, loss and the columns of NAMES, from the trainer's log history.

    A column that the loss does not have is empty.
    """
    rows = [
        {"step": row["step"], "loss": row["loss"]}
        | {name: row[key] for key, name in NAMES.items() if key in row}
        for row in history
        if "loss" in row
    ]
    columns = ["step", "loss", *dict.fromkeys(NAMES.values())]
    return pd.DataFrame(rows, columns=columns)
