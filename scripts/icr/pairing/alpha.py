"""The length penalty α of one language (Eq. 15).

α is chosen so that the responses picked as best are, on average, as long as those picked as
worst: α̂ = argmin |mean over prompts of (|chosen| − |rejected|)|. As α grows, every prompt's
chosen response can only get shorter and its rejected one longer, so the mean difference is a
non-increasing step function of α. Its steps lie where two responses of a prompt change places.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]


@dataclass(frozen=True)
class Alpha:
    """The penalty that was chosen, and the mean length difference in characters under it."""

    value: float
    difference: float


def choose(rewards: Floats, lengths: Floats, alpha: float) -> tuple[Integers, Integers]:
    """Indices of the best and the worst response of each prompt under R − α|y|.

    ``rewards`` and ``lengths`` have shape (prompts, responses); NaN marks a response that takes
    no part. Ties go to the lowest index. Returns two integer arrays of shape (prompts,).

    Raises ValueError if a prompt has no response that takes part.
    """
    adjusted = rewards - alpha * lengths
    out = np.isnan(adjusted)
    if out.any():
        if out.all(axis=1).any():
            raise ValueError("a prompt has no response to choose from")
        best = np.where(out, -np.inf, adjusted).argmax(axis=1)
        return best, np.where(out, np.inf, adjusted).argmin(axis=1)
    return adjusted.argmax(axis=1), adjusted.argmin(axis=1)


def difference(rewards: Floats, lengths: Floats, alpha: float) -> float:
    """Mean over prompts of |chosen| − |rejected|, in characters, under the penalty α."""
    best, worst = choose(rewards, lengths, alpha)
    rows = np.arange(len(lengths))
    return float((lengths[rows, best] - lengths[rows, worst]).mean())


def exact(rewards: Floats, lengths: Floats) -> Alpha:
    """The exact minimiser over all real α.

    Bisection finds an interval of α in which the difference changes sign and which holds few
    steps; the candidates there, the steps and the middles between them, are compared one by one.
    Of equally good candidates the smaller |α| wins, and 0 where it is as good as any.
    """
    steps = _steps(rewards, lengths)
    if not steps.size:
        return Alpha(0.0, difference(rewards, lengths, 0.0))
    low, high = float(steps.min()), float(steps.max())
    low, high = low - 1 - abs(low), high + 1 + abs(high)
    inside = steps
    while inside.size > 8:
        middle = _between(inside)
        if difference(rewards, lengths, middle) > 0:
            low = middle
        else:
            high = middle
        fewer = inside[(inside >= low) & (inside <= high)]
        if fewer.size == inside.size:
            break
        inside = fewer
    marks = np.unique(np.concatenate([[low], inside, [high]]))
    candidates = [0.0, *marks, *((marks[:-1] + marks[1:]) / 2)]
    tried = [Alpha(float(a), difference(rewards, lengths, float(a))) for a in candidates]
    return min(tried, key=lambda a: (abs(a.difference), abs(a.value)))


def _between(steps: Floats) -> float:
    """A value that divides the steps in halves, preferably not a step itself."""
    half = steps.size // 2
    two = np.partition(steps, (half - 1, half))[half - 1 : half + 1]
    return float(two.mean())


def _steps(rewards: Floats, lengths: Floats) -> Floats:
    """All values of α at which two responses of one prompt have equal rewards, unsorted."""
    n = rewards.shape[1]
    i, j = np.triu_indices(n, 1)
    longer = lengths[:, i] - lengths[:, j]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = (rewards[:, i] - rewards[:, j]) / longer
    return crossing[np.isfinite(crossing)]


def grid(rewards: Floats, lengths: Floats) -> Alpha:
    """The authors' search: 0, 0.001 … 0.999, the smallest of the best.

    Expects rewards on the scale of the authors' code (without β); see
    :func:`icr.pairing.pairs.penalty`.
    """
    values = np.arange(1000) / 1000
    differences = np.array([abs(difference(rewards, lengths, a)) for a in values])
    best = float(values[int(differences.argmin())])
    return Alpha(best, difference(rewards, lengths, best))


def curve(rewards: Floats, lengths: Floats, alpha: float, points: int = 101) -> list[list[float]]:
    """[α, mean length difference] from 0 to beyond the optimum, for drawing."""
    steps = _steps(rewards, lengths)
    spread = float(np.quantile(np.abs(steps), 0.9)) if steps.size else 1.0
    reach = max(3 * abs(alpha), spread / 10) or 1.0
    values = np.linspace(min(0.0, alpha - reach / 3), max(reach, alpha + reach / 3), points)
    return [[float(a), difference(rewards, lengths, float(a))] for a in values]
