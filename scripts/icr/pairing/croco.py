"""CroCo's pairs (arXiv 2605.26293): the best response against one two standard deviations below.

The reward is usually that of an English reward model. Means and standard deviations are over
the responses to one prompt.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from icr.pairing.alpha import Floats
from icr.pairing.kinds import PAIRINGS, Candidates, Choice, RewardPairing

LEAST = 3
"""Responses below which a standard deviation holds no more than their difference."""

LOWEST = "rejected_is_lowest"
"""Name of the share of pairs whose rejected response has the lowest reward of its prompt."""


def mean_minus_two_sd(rewards: Floats) -> Floats:
    """μ − 2σ of each prompt, with the standard deviation of the population."""
    return np.nanmean(rewards, axis=1) - 2 * np.nanstd(rewards, axis=1)


def quartile(rewards: Floats) -> Floats:
    """The 25th percentile of each prompt, interpolated linearly."""
    return np.asarray(np.nanpercentile(rewards, 25, axis=1))


def lowest(rewards: Floats) -> Floats:
    """The minimum of each prompt."""
    return np.asarray(np.nanmin(rewards, axis=1))


TARGETS = {"mean-2sd": mean_minus_two_sd, "quartile": quartile, "lowest": lowest}
"""The reward to which the rejected response is nearest, by name: one per prompt, from rewards of
shape (prompts, responses)."""


def problem(settings: Mapping[str, Any], responses: int) -> str | None:
    """Why the pairing's own settings are invalid for so many responses to a prompt, or None."""
    target = settings.get("rejected", "mean-2sd")
    if target not in TARGETS:
        return f"'rejected' is '{target}'; known: {', '.join(TARGETS)}"
    if target == "mean-2sd" and responses < LEAST:
        return f"'rejected: mean-2sd' needs {LEAST} responses to each prompt, not {responses}"
    return None


@PAIRINGS.register("croco")
@RewardPairing.checking(problem)
def croco(candidates: Candidates, *, rejected: str = "mean-2sd") -> Choice:
    """The best response against the one nearest to μ − 2σ of the prompt's rewards (CroCo).

    The rejected response must have a strictly lower reward than the chosen one; a prompt without
    such a response has no pair. On both sides, ties go to the first response. With five responses
    or fewer, none lies below μ − 2σ, so the lowest is rejected.
    """
    rewards = candidates.rewards
    best = np.where(np.isnan(rewards), -np.inf, rewards).argmax(axis=1)
    below = rewards < rewards[np.arange(len(rewards)), best][:, None]  # False for NaN
    distance = np.abs(rewards - TARGETS[rejected](rewards)[:, None])
    worst = np.where(below, distance, np.inf).argmin(axis=1)
    is_lowest = rewards[np.arange(len(rewards)), worst] == lowest(rewards)
    return Choice(best, worst, left_out=~below.any(axis=1), shares={LOWEST: is_lowest})
