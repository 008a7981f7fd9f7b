"""The best response against the worst, under a length penalty (Eq. 15)."""

import numpy as np
from numpy.typing import NDArray

from icr.pairing import alpha as length_penalty
from icr.pairing.alpha import Alpha, Floats, Integers
from icr.pairing.kinds import PAIRINGS, Candidates, Choice, RewardPairing


@PAIRINGS.register("reward")
@RewardPairing
def best_worst(
    candidates: Candidates, *, penalty: str, beta: float, upper_bound: float | None
) -> Choice:
    """The best against the worst response under R − α|y| (Eq. 15).

    With an ``upper_bound``, the best response is the best below it; prompts with no response below
    the bound are discarded.
    """
    alpha = choose_alpha(candidates.rewards, candidates.lengths, penalty, beta)
    adjusted = candidates.rewards - alpha.value * candidates.lengths
    best, worst, bounded = choose(adjusted, upper_bound)
    return Choice(best, worst, alpha, ~bounded)


def choose_alpha(rewards: Floats, lengths: Floats, penalty: str, beta: float) -> Alpha:
    """α by the mode of ``length_penalty``, on the scale of rewards that include β.

    The authors' grid is on the scale of scores without β, so its α is ours divided by β.
    """
    if penalty == "none":
        return Alpha(0.0, length_penalty.difference(rewards, lengths, 0.0))
    if penalty == "grid":
        on_grid = length_penalty.grid(rewards / beta, lengths)
        return Alpha(on_grid.value * beta, on_grid.difference)
    return length_penalty.exact(rewards, lengths)


def choose(
    adjusted: Floats, upper_bound: float | None
) -> tuple[Integers, Integers, NDArray[np.bool_]]:
    """Best and worst index for each prompt, and whether any response is below the bound."""
    candidates = (
        adjusted if upper_bound is None else np.where(adjusted < upper_bound, adjusted, np.nan)
    )
    best = np.where(np.isnan(candidates), -np.inf, candidates).argmax(axis=1)
    worst = np.where(np.isnan(adjusted), np.inf, adjusted).argmin(axis=1)
    return best, worst, np.asarray(~np.isnan(candidates).all(axis=1))
