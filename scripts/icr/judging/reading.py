"""From verdicts to values: what could be read, what could not, and what never came."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from icr.judging.client import Verdict

UNPARSED = "unparsed"


def read(
    verdicts: Sequence[Verdict], parsers: Sequence[Callable[[str], float | None]]
) -> pd.DataFrame:
    """One row a verdict: value (NaN if there is none) and problem, which says why.

    problem is ``unparsed`` where the parser found no value, how the judge failed where it did not
    answer, else empty.
    """
    values = [
        None if one.error else parse(one.text) for one, parse in zip(verdicts, parsers, strict=True)
    ]
    problems = [
        one.error or (UNPARSED if value is None else "")
        for one, value in zip(verdicts, values, strict=True)
    ]
    return pd.DataFrame({"value": pd.Series(values, dtype=float), "problem": problems})


def counted(problems: pd.Series) -> dict[str, Any]:
    """``unparsed``, and ``unjudged`` by reason."""
    left = problems[~problems.isin(["", UNPARSED])].value_counts().sort_index()
    return {
        "unparsed": int((problems == UNPARSED).sum()),
        "unjudged": {str(reason): int(count) for reason, count in left.items()},
    }
