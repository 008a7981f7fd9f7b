"""Preference pairs of one language: two of the N responses to each prompt, by their rewards."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from icr.pairing.alpha import Floats
from icr.pairing.selection import PairSettings, candidates_of, select
from icr.pairing.summary import summarise, summary_line


@dataclass(frozen=True)
class Pairs:
    """The result of :func:`build`."""

    pairs: pd.DataFrame
    """One row per pair; TRL's columns ``prompt``, ``chosen``, ``rejected`` are among them."""
    responses: pd.DataFrame
    """One row per response: reward, adjusted reward, length in characters, identified language."""
    summary: dict[str, Any]
    """α and its curve, counts of discarded prompts by reason, reward spread and noise floor."""


def build(
    samples: pd.DataFrame,
    rewards: pd.DataFrame,
    language: str,
    settings: PairSettings,
) -> Pairs:
    """Select two responses to each prompt, and count what is discarded.

    ``samples`` has one row per response; ``rewards`` holds the reward of the same rows in the same
    order, NaN if a translation failed, and ``reward_check``. A response is excluded if it is empty
    or has no reward and, depending on the settings, if it was cut or is in another language. A
    prompt is discarded if fewer than two responses are left or the pairing leaves it out and,
    depending on the settings, if its chosen and rejected responses are equal.

    Raises InputError if the tables do not match, or no pair is left.
    """
    table = candidates_of(samples, rewards, language, settings)
    selection = select(table, language, settings)
    summary = summarise(table, rewards, selection, language)
    print(summary_line(summary))
    return Pairs(selection.pairs, responses_of(table, selection.adjusted), summary)


def responses_of(table: pd.DataFrame, adjusted: Floats) -> pd.DataFrame:
    """One row per candidate: reward, adjusted reward, length, identified language."""
    columns = ["id", "index", "reward", "length", "language"]
    return table[columns].assign(adjusted=adjusted)
