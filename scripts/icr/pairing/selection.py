"""Selection of two of the N responses to each prompt of a language, by their rewards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icr.errors import InputError
from icr.pairing import alpha as length_penalty
from icr.pairing.alpha import Alpha, Floats
from icr.pairing.kinds import PAIRINGS, Candidates, Choice
from icr.pairing.languages import IDENTIFIED
from icr.prompts.langid import detect
from icr.scoring.identities import check_lengths, check_order, check_whole_groups
from icr.storage.blocks import ROW

CHOSEN = {
    "chosen_ids": "response_ids",
    "chosen_index": "index",
    "chosen_reward": "reward",
    "chosen_adjusted": "adjusted",
    "chosen_length": "length",
    "chosen_finish_reason": "finish_reason",
    "chosen_logprob": "logprob",
    "chosen_language": "language",
}
REJECTED = {
    "rejected_ids": "response_ids",
    "rejected_index": "index",
    "rejected_reward": "reward",
    "rejected_adjusted": "adjusted",
    "rejected_length": "length",
    "rejected_finish_reason": "finish_reason",
    "rejected_logprob": "logprob",
    "rejected_language": "language",
}
"""From columns of the pairs to those of the responses, for the chosen and the rejected one."""


@dataclass(frozen=True)
class PairSettings:
    """The configuration of rewards, length penalty and pairs."""

    beta: float
    penalty: str
    identical: str
    truncated: str
    wrong_language: str
    upper_bound: float | None
    view: str = "crosslingual"
    """Name of the reward."""
    reward_settings: Mapping[str, Any] = field(default_factory=dict)
    """The reward's own settings."""
    method: str = "reward"
    """Name of the pairing."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The pairing's own settings."""
    responses: int | None = None
    """Only the first so many responses to each prompt are candidates; None: all."""


def candidates_of(
    samples: pd.DataFrame, rewards: pd.DataFrame, language: str, settings: PairSettings
) -> pd.DataFrame:
    """The samples of a language with reward, length in characters, language, and ``eligible``.

    Raises InputError if the tables do not match.
    """
    _check(samples, rewards)
    table = samples.assign(
        reward=rewards["reward"].to_numpy(),
        length=samples["response"].str.len(),
        language=detect(samples["response"].tolist(), sorted({*IDENTIFIED, language})),
    )
    return table.assign(eligible=_eligible(table, language, settings))


@dataclass(frozen=True)
class Selection:
    """The result of :func:`select`."""

    pairs: pd.DataFrame
    adjusted: Floats
    """Reward minus length penalty of each response, NaN if it is not eligible."""
    alpha: dict[str, Any] | None
    """The length penalty, for the summary."""
    prompts: int
    dropped: dict[str, int]
    """Prompts without a pair, by reason."""
    shares: Mapping[str, NDArray[Any]]
    """The facts that the pairing states, one per pair."""
    rows: NDArray[np.intp]
    """Row numbers of the chosen and the rejected response of each pair; shape (pairs, 2)."""


def select(table: pd.DataFrame, language: str, settings: PairSettings) -> Selection:
    """Select two responses to each prompt.

    ``table`` is as :func:`candidates_of` makes it, with equally many consecutive rows per prompt.

    Raises InputError if no pair is left.
    """
    eligible, n = table["eligible"], len(table) // table["id"].nunique()
    grid = {
        "reward": table["reward"].where(eligible).to_numpy().reshape(-1, n),
        "length": table["length"].to_numpy(dtype=float).reshape(-1, n),
    }
    enough = (~np.isnan(grid["reward"])).sum(axis=1) >= 2
    values, lengths = grid["reward"][enough], grid["length"][enough]
    texts = table["response"].to_numpy(dtype=object).reshape(-1, n)[enough]
    if not len(values):
        raise InputError(
            f"language '{language}': no prompt has two responses to compare "
            f"({int((~eligible).sum())} of {len(table)} responses are excluded)"
        )
    ids = table["id"].to_numpy()[::n][enough]
    choose = PAIRINGS[settings.method].bound(settings, settings.settings)
    choice: Choice = choose(Candidates(language, ids.tolist(), values, lengths, texts))
    penalty = choice.alpha
    adjusted = np.full(grid["reward"].shape, np.nan)
    adjusted[enough] = values - penalty.value * lengths if penalty else values
    left_out = np.zeros(len(values), dtype=bool) if choice.left_out is None else choice.left_out

    rows = np.flatnonzero(enough) * n
    best, worst = (rows + choice.chosen)[~left_out], (rows + choice.rejected)[~left_out]
    pairs = _table(table.assign(adjusted=adjusted.reshape(-1)), best, worst, language)
    check_order(pairs)
    if penalty and settings.upper_bound is None and not left_out.any():
        longer = pairs["chosen_length"] - pairs["rejected_length"]
        check_lengths(float(longer.mean()), penalty.difference, language)
    shares = {name: fact[~left_out] for name, fact in choice.shares.items()}
    same = pairs["chosen"] == pairs["rejected"]
    identical = int(same.sum())
    if settings.identical == "drop":
        pairs = pairs[~same].reset_index(drop=True)
        shares = {name: fact[~same] for name, fact in shares.items()}
        best, worst = best[~same], worst[~same]
    if pairs.empty:
        raise InputError(
            f"language '{language}': no pair is left of {len(enough)} prompts; "
            f"{identical} had equal chosen and rejected responses"
        )
    return Selection(
        pairs,
        adjusted.reshape(-1),
        _penalised(penalty, values, lengths, settings.penalty) if penalty else None,
        len(enough),
        {
            "too_few_responses": int((~enough).sum()),
            "identical": identical if settings.identical == "drop" else 0,
            "upper_bound": int(left_out.sum()),
        },
        shares,
        np.column_stack([best, worst]),
    )


def _penalised(penalty: Alpha, rewards: Floats, lengths: Floats, mode: str) -> dict[str, Any]:
    """The length penalty in the summary."""
    optimum = length_penalty.exact(rewards, lengths)
    return {
        "mode": mode,
        "value": penalty.value,
        "difference": penalty.difference,
        "difference_without": length_penalty.difference(rewards, lengths, 0.0),
        "curve": length_penalty.curve(rewards, lengths, optimum.value),
    }


def _check(samples: pd.DataFrame, rewards: pd.DataFrame) -> None:
    if not samples[ROW].equals(rewards[ROW]):
        raise InputError("the rewards are not those of the sampled responses")
    check_whole_groups(samples)
    counts = samples.groupby("id", sort=False).size()
    if counts.nunique() != 1 or counts.iloc[0] < 2:
        raise InputError(
            f"each prompt needs the same number of responses, at least 2; found {set(counts)}"
        )


def _eligible(table: pd.DataFrame, language: str, settings: PairSettings) -> pd.Series:
    keep = (table["length"] > 0) & table["reward"].notna()
    if settings.truncated == "drop":
        keep &= table["finish_reason"] != "length"
    if settings.wrong_language == "drop":
        keep &= table["language"] == language
    return keep


def _table(
    table: pd.DataFrame, chosen: np.ndarray, rejected: np.ndarray, language: str
) -> pd.DataFrame:
    best, worst = table.iloc[chosen], table.iloc[rejected]
    columns: dict[str, Any] = {
        "id": best["id"].to_numpy(),
        "language": language,
        "prompt": best["prompt"].to_numpy(),
        "chosen": best["response"].to_numpy(),
        "rejected": worst["response"].to_numpy(),
        "prompt_ids": best["prompt_ids"].to_numpy(),
    }
    for names, rows in ((CHOSEN, best), (REJECTED, worst)):
        columns |= {name: rows[source].to_numpy() for name, source in names.items()}
    return pd.DataFrame(columns)
