"""Scores of one language: overall, by turn and by category."""

from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.judging.reading import counted


def metrics(scores: pd.DataFrame) -> dict[str, Any]:
    """Mean scores, 1 to 10, over the gradings that hold one, as the benchmark does.

    ``scores`` has one row an answer: id, category, turn (1, 2), score (NaN where there is none),
    problem (why there is none; see icr.judging.reading).

    Returned: score; score_se, its standard error with questions as the units, as both turns of a
    question go together; turns; categories; categories_se; questions; unparsed, the gradings
    without a readable score; unjudged, those that never came, by reason.

    Raises InputError if no grading holds a score.
    """
    graded = scores.dropna(subset=["score"])
    problems = counted(scores["problem"])
    if graded.empty:
        raise InputError(
            f"none of the judge's {len(scores)} gradings holds a score such as [[5]] "
            f"({problems}). Look into the verdicts, and choose another judge"
        )
    categories = graded.groupby("category", sort=False)
    return {
        "score": float(graded["score"].mean()),
        "score_se": _standard_error(graded),
        "turns": {str(turn): one["score"].mean() for turn, one in graded.groupby("turn")},
        "categories": {str(name): one["score"].mean() for name, one in categories},
        "categories_se": {str(name): _standard_error(one) for name, one in categories},
        "questions": int(scores["id"].nunique()),
        **problems,
    }


def _standard_error(graded: pd.DataFrame) -> float | None:
    """Of the mean over questions; None of a single question."""
    means = graded.groupby("id")["score"].mean()
    return float(means.std(ddof=1) / len(means) ** 0.5) if len(means) > 1 else None
