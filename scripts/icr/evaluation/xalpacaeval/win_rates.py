"""Win rates by the alpaca_eval library, from stored annotations; works offline."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icr.storage.files import read_csv

FOLDS = 5
"""Folds of the cross-validation in length control."""


def win_rates(annotations: Sequence[dict[str, Any]], table: str | Path | None) -> dict[str, Any]:
    """Win rate and length-controlled win rate of ``output_2``, in percent, with standard errors.

    ``table`` holds alpaca_eval's instruction difficulties and gamed outputs. The length-controlled
    win rate is None without it, or if it cannot be computed; ``lc_problem`` then says why.
    ``length`` is the mean number of characters of the outputs.

    Raises ValueError if no annotation has a preference.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pkg_resources
        from alpaca_eval.metrics import get_winrate

    frame = pd.DataFrame(list(annotations))
    judged = int(frame["preference"].notna().sum())
    if not judged:
        raise ValueError("no annotation has a preference")
    plain = get_winrate(frame)
    problem = _problem(frame, judged, table)
    controlled: dict[str, Any] = {}
    if problem is None:
        assert table is not None
        try:
            controlled = _length_controlled(frame, table)
        except (ValueError, ZeroDivisionError) as error:
            problem = str(error)
    return {
        "win_rate": float(plain["win_rate"]),
        "win_rate_se": _number(plain["standard_error"]),
        "lc_win_rate": _number(controlled.get("length_controlled_winrate")),
        "lc_win_rate_se": _number(controlled.get("lc_standard_error")),
        "lc_problem": problem,
        "length": float(frame["output_2"].str.len().mean()),
        "length_reference": float(frame["output_1"].str.len().mean()),
    }


def _problem(frame: pd.DataFrame, judged: int, table: str | Path | None) -> str | None:
    if table is None:
        return "no table of instruction difficulties"
    if judged < 2 * FOLDS:
        return f"{judged} verdicts are too few"
    difference = frame["output_1"].str.len() - frame["output_2"].str.len()
    if difference.std() == 0:
        return "all outputs differ from the reference's by the same length"
    known = set(read_csv(table, usecols=["index"])["index"])
    if missing := set(frame["index"]) - known:
        return f"no difficulty is known for {len(missing)} of the questions"
    return None


def _length_controlled(frame: pd.DataFrame, table: str | Path) -> dict[str, Any]:
    """alpaca_eval's length control, with its table from a file instead of the hub."""
    from alpaca_eval.metrics import glm_winrate

    original = glm_winrate.hf_hub_download
    glm_winrate.hf_hub_download = lambda **_: str(table)
    try:
        logging.getLogger().setLevel(logging.WARNING)
        rates: dict[str, Any] = glm_winrate.get_length_controlled_winrate(
            frame, save_weights_dir=None, is_add_glm_preference_inplace=False
        )
        return rates
    finally:
        glm_winrate.hf_hub_download = original


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)
