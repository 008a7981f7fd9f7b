"""Check of the training reference against the log-probabilities recorded in sampling."""

from typing import Any

import numpy as np

from icr.scoring.identities import check_training_reference

COLUMNS = (
    ("ref_chosen_logps", "chosen_logprob", "chosen_ids"),
    ("ref_rejected_logps", "rejected_logprob", "rejected_ids"),
    ("ref_logps", "logprob", "completion_ids"),
)
"""Columns of computed and of sampled log-probabilities and of ids, for pairs and for KTO."""


def check_reference(rows: Any, limit: float) -> None:
    """Check the trainer's rows, a data set with reference log-probabilities.

    Raises InputError as :func:`icr.scoring.identities.check_training_reference` does.
    """
    for computed, sampled, ids in COLUMNS:
        if computed in rows.column_names:
            check_training_reference(
                np.asarray(rows[computed], dtype=float),
                np.asarray(rows[sampled], dtype=float),
                np.array([len(row) for row in rows[ids]]),
                limit,
            )
