"""Parse verdicts into values, and count those that are unreadable or missing."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from icr.judging.client import Verdict

UNPARSED = "unparsed"


def read(
    verdicts: Sequence[Verdict], parsers: Sequence[Callable[[str], float | None]]
) -> pd.DataFrame:
    """One row per verdict, with columns value (NaN if there is none) and problem.

    problem is ``unparsed`` if the parser returned None, the reason if the judge did not answer,
    else empty.
    """
    values = [
        None if verdict.error else parse(verdict.text)
        for verdict, parse in zip(verdicts, parsers, strict=True)
    ]
    problems = [
        verdict.error or (UNPARSED if value is None else "")
        for verdict, value in zip(verdicts, values, strict=True)
    ]
    return pd.DataFrame({"value": pd.Series(values, dtype=float), "problem": problems})


def counted(problems: pd.Series) -> dict[str, Any]:
    """Counts of ``unparsed`` verdicts, and of ``unjudged`` ones by reason."""
    reasons = problems[~problems.isin(["", UNPARSED])].value_counts().sort_index()
    return {
        "unparsed": int((problems == UNPARSED).sum()),
        "unjudged": {str(reason): int(count) for reason, count in reasons.items()},
    }
