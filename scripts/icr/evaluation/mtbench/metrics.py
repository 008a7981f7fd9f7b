"""Scores of one language: overall, by turn and by category."""

from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.judging.reading import counted


def metrics(scores: pd.DataFrame) -> dict[str, Any]:
    """Mean scores, 1 to 10, over the gradings that hold a score, as in the benchmark.

    ``scores`` has one row per answer: id, category, turn (1, 2), score (NaN if there is none),
    problem (why there is none; see icr.judging.reading).

    Returns score; score_se, its standard error, clustered by question as both turns of a question
    are correlated; turns; categories; categories_se; questions; unparsed, the number of gradings
    without a readable score; unjudged, the number of missing gradings by reason.

    Raises InputError if no grading holds a score.
    """
    graded = scores.dropna(subset=["score"])
    problems = counted(scores["problem"])
    if graded.empty:
        raise InputError(
            f"none of the judge's {len(scores)} gradings holds a score such as [[5]] "
            f"({problems}); read the verdicts, and choose another judge"
        )
    categories = graded.groupby("category", sort=False)
    return {
        "score": float(graded["score"].mean()),
        "score_se": _standard_error(graded),
        "turns": {str(turn): rows["score"].mean() for turn, rows in graded.groupby("turn")},
        "categories": {str(name): rows["score"].mean() for name, rows in categories},
        "categories_se": {str(name): _standard_error(rows) for name, rows in categories},
        "questions": int(scores["id"].nunique()),
        **problems,
    }


def _standard_error(graded: pd.DataFrame) -> float | None:
    """Standard error of the mean over questions; None for a single question."""
    means = graded.groupby("id")["score"].mean()
    return float(means.std(ddof=1) / len(means) ** 0.5) if len(means) > 1 else None
