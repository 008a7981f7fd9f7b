"""The length penalty α of one language (Eq. 15).

α equalises the mean lengths of chosen and rejected responses:
α̂ = argmin |mean over prompts of (|chosen| − |rejected|)|. As α grows, every prompt's chosen
response can only get shorter and its rejected one longer, so the mean difference is a
non-increasing step function of α. Its steps lie where two responses to a prompt change their order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Alpha:
    """A length penalty, and the mean length difference in characters under it."""

    value: float
    difference: float


def choose(rewards: Floats, lengths: Floats, alpha: float) -> tuple[Integers, Integers]:
    """Indices of the best and the worst response to each prompt under R − α|y|.

    ``rewards`` and ``lengths`` have shape (prompts, responses); NaN marks an excluded response.
    Ties go to the lowest index. Returns two integer arrays of shape (prompts,).

    Raises ValueError if all responses to a prompt are excluded.
    """
    adjusted = rewards - alpha * lengths
    excluded = np.isnan(adjusted)
    if excluded.any():
        if excluded.all(axis=1).any():
            raise ValueError("a prompt has no response to choose from")
        best = np.where(excluded, -np.inf, adjusted).argmax(axis=1)
        return best, np.where(excluded, np.inf, adjusted).argmin(axis=1)
    return adjusted.argmax(axis=1), adjusted.argmin(axis=1)


def difference(rewards: Floats, lengths: Floats, alpha: float) -> float:
    """Mean over prompts of |chosen| − |rejected|, in characters, under the penalty α."""
    best, worst = choose(rewards, lengths, alpha)
    rows = np.arange(len(lengths))
    return float((lengths[rows, best] - lengths[rows, worst]).mean())


def exact(rewards: Floats, lengths: Floats) -> Alpha:
    """The exact minimiser over all real α.

    Bisection finds an interval of α that contains the sign change of the difference and few steps.
    The candidates in it, which are the steps and the midpoints between them, are compared one by
    one. Among equally good candidates the one with the smallest |α| wins.
    """
    steps = _steps(rewards, lengths)
    if not steps.size:
        return Alpha(0.0, difference(rewards, lengths, 0.0))
    low, high = float(steps.min()), float(steps.max())
    low, high = low - 1 - abs(low), high + 1 + abs(high)
    inside = steps
    while inside.size > 8:
        middle = _median(inside)
        if difference(rewards, lengths, middle) > 0:
            low = middle
        else:
            high = middle
        fewer = inside[(inside >= low) & (inside <= high)]
        if fewer.size == inside.size:
            break
        inside = fewer
    marks = np.unique(np.concatenate([[low], inside, [high]]))
    values = [0.0, *marks, *((marks[:-1] + marks[1:]) / 2)]
    candidates = [Alpha(float(a), difference(rewards, lengths, float(a))) for a in values]
    return min(candidates, key=lambda a: (abs(a.difference), abs(a.value)))


def _median(steps: Floats) -> float:
    """The mean of the two steps in the middle, which is usually not a step itself."""
    half = steps.size // 2
    middle = np.partition(steps, (half - 1, half))[half - 1 : half + 1]
    return float(middle.mean())


def _steps(rewards: Floats, lengths: Floats) -> Floats:
    """All values of α at which two responses to a prompt have equal rewards, unsorted."""
    n = rewards.shape[1]
    i, j = np.triu_indices(n, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = (rewards[:, i] - rewards[:, j]) / (lengths[:, i] - lengths[:, j])
    return steps[np.isfinite(steps)]


def grid(rewards: Floats, lengths: Floats) -> Alpha:
    """The authors' search over 0, 0.001 … 0.999; of equally good values the smallest.

    Expects rewards on the scale of the authors' code (without β); see
    :func:`icr.pairing.best_worst.choose_alpha`.
    """
    values = np.arange(1000) / 1000
    differences = np.array([abs(difference(rewards, lengths, a)) for a in values])
    best = float(values[int(differences.argmin())])
    return Alpha(best, difference(rewards, lengths, best))


def curve(rewards: Floats, lengths: Floats, alpha: float, points: int = 101) -> list[list[float]]:
    """Points [α, mean length difference] from 0 to beyond the optimum ``alpha``, for a plot."""
    steps = _steps(rewards, lengths)
    spread = float(np.quantile(np.abs(steps), 0.9)) if steps.size else 1.0
    reach = max(3 * abs(alpha), spread / 10) or 1.0
    values = np.linspace(min(0.0, alpha - reach / 3), max(reach, alpha + reach / 3), points)
    return [[float(a), difference(rewards, lengths, float(a))] for a in values]
