"""Translations that failed, counted."""

from collections import Counter

import pandas as pd


def failures(translations: pd.DataFrame) -> dict[str, int]:
    """How many translations failed, by reason."""
    return dict(Counter(reason for reason in translations["failed"] if reason))
