"""Preference pairs of one language: the best against the worst of N responses to each prompt."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icr.errors import InputError
from icr.pairing import alpha as length_penalty
from icr.pairing.alpha import Alpha, Floats
from icr.prompts.langid import detect
from icr.rewards.implicit import ROW
from icr.sampling.cuts import cut_counts
from icr.scoring.identities import check_lengths, check_order, check_whole_groups
from icr.scoring.noise import noise_floor, reward_spread, spread_line

IDENTIFIED = ("bn", "de", "en", "es", "fr", "ru", "sw", "th")
"""Languages that a response may be identified as, besides the prompt's own. A fixed list, so that
a language added to a run changes nothing for the others."""

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
"""What a pair keeps of its two responses: column of the pairs, column of the responses."""


@dataclass(frozen=True)
class PairSettings:
    """What the configuration says of rewards, length penalty and pairs."""

    beta: float
    penalty: str
    identical: str
    truncated: str
    wrong_language: str
    upper_bound: float | None


@dataclass(frozen=True)
class Pairs:
    """What :func:`build` returns."""

    pairs: pd.DataFrame
    """One row a pair, with TRL's columns ``prompt``, ``chosen``, ``rejected`` among them."""
    responses: pd.DataFrame
    """One row a response: reward, adjusted reward, length in characters, identified language."""
    summary: dict[str, Any]
    """α and its curve, counts of what was dropped and why, reward spread and noise floor."""


def build(
    samples: pd.DataFrame,
    rewards: pd.DataFrame,
    language: str,
    settings: PairSettings,
) -> Pairs:
    """Reward, penalise, choose, and count what is left out.

    ``samples`` has one row a response; ``rewards`` holds the reward of the same rows in the same
    order, NaN where there is none because a translation failed, and ``reward_check``. A response
    takes no part if it is empty or has no reward, or by the settings if it was cut or is in
    another language; a prompt is dropped if fewer than two responses are left, if its chosen and
    rejected responses are equal, or if none lies under the upper bound.

    Raises InputError if the tables do not match.
    """
    _check(samples, rewards)
    table = samples.assign(
        reward=rewards["reward"].to_numpy(),
        length=samples["response"].str.len(),
        language=detect(samples["response"].tolist(), sorted({*IDENTIFIED, language})),
    )
    takes_part = _takes_part(table, language, settings)
    n = table["index"].nunique()
    grid = {
        "reward": table["reward"].where(takes_part).to_numpy().reshape(-1, n),
        "length": table["length"].to_numpy(dtype=float).reshape(-1, n),
    }
    enough = (~np.isnan(grid["reward"])).sum(axis=1) >= 2
    values, lengths = grid["reward"][enough], grid["length"][enough]
    if not len(values):
        raise InputError(
            f"language '{language}': no prompt has two responses to compare "
            f"({int((~takes_part).sum())} of {len(table)} responses take no part)"
        )
    penalty = choose_alpha(values, lengths, settings)
    adjusted = np.full(grid["reward"].shape, np.nan)
    adjusted[enough] = values - penalty.value * lengths
    best, worst, bounded = _choose(adjusted[enough], settings.upper_bound)

    rows = np.flatnonzero(enough) * n
    pairs = _table(
        table.assign(adjusted=adjusted.reshape(-1)),
        rows[bounded] + best[bounded],
        rows[bounded] + worst[bounded],
        language,
    )
    check_order(pairs)
    if settings.upper_bound is None:
        longer = pairs["chosen_length"] - pairs["rejected_length"]
        check_lengths(float(longer.mean()), penalty.difference, language)
    same = pairs["chosen"] == pairs["rejected"]
    identical = int(same.sum())
    if settings.identical == "drop":
        pairs = pairs[~same].reset_index(drop=True)
    if pairs.empty:
        raise InputError(
            f"language '{language}': no pair is left of {len(enough)} prompts; "
            f"{identical} had equal chosen and rejected responses"
        )
    balanced = length_penalty.exact(values, lengths)
    noise = noise_floor(rewards)
    spread = reward_spread(table["reward"].to_numpy().reshape(-1, n))
    summary = {
        "language": language,
        "alpha": {
            "mode": settings.penalty,
            "value": penalty.value,
            "difference": penalty.difference,
            "difference_without": length_penalty.difference(values, lengths, 0.0),
            "curve": length_penalty.curve(values, lengths, balanced.value),
        },
        "prompts": len(enough),
        "pairs": len(pairs),
        "dropped": {
            "too_few_responses": int((~enough).sum()),
            "identical": identical if settings.identical == "drop" else 0,
            "upper_bound": int((~bounded).sum()),
        },
        "responses": {
            "all": len(table),
            "taking_part": int(takes_part.sum()),
            "empty": int((table["length"] == 0).sum()),
            **cut_counts(table["finish_reason"].tolist()),
            "without_reward": int(table["reward"].isna().sum()),
            "in_language": int((table["language"] == language).sum()),
            "mean_length": float(table["length"].mean()),
        },
        "reward_spread": spread,
        "noise_floor": None if np.isnan(noise) else noise,
        "reward_quantiles": np.nanquantile(table["reward"], np.linspace(0, 1, 41)).tolist(),
        "chosen_length": float(pairs["chosen_length"].mean()),
        "rejected_length": float(pairs["rejected_length"].mean()),
        "examples": _examples(pairs),
    }
    print(
        f"{language}: {len(pairs)} pairs of {len(enough)} prompts, alpha {penalty.value:.5g}, "
        f"length difference {penalty.difference:+.2f} characters "
        f"(without penalty {summary['alpha']['difference_without']:+.2f}); "
        f"{spread_line(spread, noise)}"
    )
    columns = ["id", "index", "reward", "length", "language"]
    responses = table[columns].assign(adjusted=adjusted.reshape(-1))
    return Pairs(pairs, responses, summary)


def choose_alpha(rewards: Floats, lengths: Floats, settings: PairSettings) -> Alpha:
    """α by the mode of the settings, on the scale of rewards that include β.

    The authors' grid walks scores without β, so its α is ours divided by β.
    """
    if settings.penalty == "none":
        return Alpha(0.0, length_penalty.difference(rewards, lengths, 0.0))
    if settings.penalty == "grid":
        found = length_penalty.grid(rewards / settings.beta, lengths)
        return Alpha(found.value * settings.beta, found.difference)
    return length_penalty.exact(rewards, lengths)


def _check(samples: pd.DataFrame, rewards: pd.DataFrame) -> None:
    if not samples[ROW].equals(rewards[ROW]):
        raise InputError("the rewards are not of the sampled responses")
    check_whole_groups(samples)
    counts = samples.groupby("id", sort=False).size()
    if counts.nunique() != 1 or counts.iloc[0] < 2:
        raise InputError(
            f"each prompt needs the same number of responses, at least 2; found {set(counts)}"
        )


def _takes_part(table: pd.DataFrame, language: str, settings: PairSettings) -> pd.Series:
    keep = (table["length"] > 0) & table["reward"].notna()
    if settings.truncated == "drop":
        keep &= table["finish_reason"] != "length"
    if settings.wrong_language == "drop":
        keep &= table["language"] == language
    return keep


def _choose(
    adjusted: Floats, upper_bound: float | None
) -> tuple[length_penalty.Integers, length_penalty.Integers, NDArray[np.bool_]]:
    """Best and worst index of each prompt, and whether any response lies under the bound."""
    candidates = (
        adjusted if upper_bound is None else np.where(adjusted < upper_bound, adjusted, np.nan)
    )
    best = np.where(np.isnan(candidates), -np.inf, candidates).argmax(axis=1)
    worst = np.where(np.isnan(adjusted), np.inf, adjusted).argmin(axis=1)
    return best, worst, np.asarray(~np.isnan(candidates).all(axis=1))


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


def _examples(pairs: pd.DataFrame, count: int = 3) -> list[dict[str, Any]]:
    """The pairs whose margins lie nearest to the median, for the report: typical ones."""
    margin = pairs["chosen_reward"] - pairs["rejected_reward"]
    typical = (margin - margin.median()).abs().sort_values(kind="stable").index[:count]
    names = ["id", "prompt", "chosen", "rejected", "chosen_reward", "rejected_reward"]
    return [
        {str(k): v for k, v in row.items()} for row in pairs.loc[typical, names].to_dict("records")
    ]
