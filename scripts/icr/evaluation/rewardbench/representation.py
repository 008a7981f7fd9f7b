"""How close a model's states of a text in several languages are to one line.

For a text x in L languages, H of shape (L, hidden) holds one hidden state per language, and
f(x) = σ₁ / Σᵢ σᵢ over the singular values of H (Hong et al., 2025): 1 if all languages lie on one
line through the origin, 1/L if they are orthogonal and equally long. ``raw`` is f of H,
``normalised`` f of H with rows of length 1, which a difference in norms alone does not change.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icr.errors import InputError

TEXTS = ("conversation", "prompt")
"""The texts whose states are read: prompt and chosen response, and the prompt alone."""
VARIANTS = ("raw", "normalised")
"""Rows of H as they are, and divided by their norms."""

Floats = NDArray[np.float64]


def leading_share(states: NDArray[Any]) -> float:
    """The share σ₁ / Σᵢ σᵢ of the largest singular value, computed in float64.

    ``states`` has the shape (languages, hidden).
    """
    values = np.linalg.svd(states.astype(np.float64), compute_uv=False)
    return float(values[0] / values.sum())


def representation(states: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Each triple's f, and the metrics of a model.

    ``states`` maps languages to tables of :func:`icr.evaluation.rewardbench.states.triple_states`.
    Only triples that all languages have count; the others are ``left_out``. The table has one row
    per triple and text: id, text, raw, normalised. The metrics hold, by text, the mean of f by
    variant, and the mean and standard deviation of the norms of the states by language. Standard
    errors are those of independent triples.

    Raises InputError if the languages share fewer than two triples, or differ in the size of their
    states.
    """
    ids = _shared_ids(states)
    rows: list[pd.DataFrame] = []
    texts: dict[str, dict[str, Any]] = {}
    for text in TEXTS:
        columns = [table.set_index("id")[text].loc[ids] for table in states.values()]
        if len({len(column.iloc[0]) for column in columns}) > 1:
            raise InputError("the states of the languages have different sizes; make them anew")
        matrices = np.stack([np.stack(list(column)) for column in columns], axis=1)
        norms = np.linalg.norm(matrices.astype(np.float64), axis=2)
        values = {
            "raw": [leading_share(matrix) for matrix in matrices],
            "normalised": [
                leading_share(matrix / norm[:, None])
                for matrix, norm in zip(matrices, norms, strict=True)
            ],
        }
        rows.append(pd.DataFrame({"id": ids, "text": text, **values}))
        texts[text] = {
            **{variant: mean_and_error(np.array(values[variant])) for variant in VARIANTS},
            "norms": {
                language: {**mean_and_error(column), "sd": float(column.std(ddof=1))}
                for language, column in zip(states, norms.T, strict=True)
            },
        }
    every = set().union(*(table["id"] for table in states.values()))
    counts = {"triples": len(ids), "left_out": len(every) - len(ids)}
    return pd.concat(rows, ignore_index=True), {**counts, "texts": texts}


def mean_and_error(values: Floats) -> dict[str, float]:
    """The mean of at least two independent values, and its standard error."""
    return {
        "mean": float(values.mean()),
        "se": float(values.std(ddof=1) / len(values) ** 0.5),
    }


def _shared_ids(states: Mapping[str, pd.DataFrame]) -> list[str]:
    """The ids that all languages have, in the order of the first language."""
    first, *others = (list(table["id"]) for table in states.values())
    shared = set(first).intersection(*others)
    if len(shared) < 2:
        raise InputError(
            f"the languages {', '.join(states)} share {len(shared)} triples; the representation "
            "shift is a mean over at least two"
        )
    return [name for name in first if name in shared]
