"""The best response against a middling one. An extension, as docs/extending.md tells it."""

import numpy as np

from icr.pairing import PAIRINGS, Candidates, Choice, RewardPairing


@PAIRINGS.register("best-middle")
@RewardPairing
def best_middle(candidates: Candidates, *, quantile: float = 0.5) -> Choice:
    """The best response against the one at a quantile of the rewards."""
    order = np.argsort(candidates.rewards, axis=1)  # NaN, which takes no part, comes last
    last = (~np.isnan(candidates.rewards)).sum(axis=1) - 1
    middle = np.floor(quantile * last).astype(int)
    prompts = np.arange(len(order))
    return Choice(chosen=order[prompts, last], rejected=order[prompts, middle])
