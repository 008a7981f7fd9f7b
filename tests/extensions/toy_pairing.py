"""A pairing of the best response with a middling one. docs/extending.md describes it."""

import numpy as np

from icr.pairing import PAIRINGS, Candidates, Choice, RewardPairing


@PAIRINGS.register("best-middle")
@RewardPairing
def best_middle(candidates: Candidates, *, quantile: float = 0.5) -> Choice:
    """The best response against the one at a quantile of the rewards."""
    order = np.argsort(candidates.rewards, axis=1)  # excluded responses (NaN) come last
    last = (~np.isnan(candidates.rewards)).sum(axis=1) - 1
    middle = np.floor(quantile * last).astype(int)
    prompts = np.arange(len(order))
    return Choice(chosen=order[prompts, last], rejected=order[prompts, middle])
