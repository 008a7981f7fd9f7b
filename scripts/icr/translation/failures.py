"""Counts of failed translations."""

from collections import Counter

import pandas as pd


def failures(translations: pd.DataFrame) -> dict[str, int]:
    """The number of failed translations by reason."""
    return dict(Counter(reason for reason in translations["failed"] if reason))
