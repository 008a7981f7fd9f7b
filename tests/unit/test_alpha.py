"""The length penalty α: the exact optimum, the grid and the curve."""

from itertools import pairwise

import numpy as np
import pytest

from icr.pairing.alpha import choose, curve, difference, exact, grid


def candidates(rewards, lengths):
    """Every α at which the difference can change, and the values halfway between."""
    breakpoints = {0.0}
    for reward, length in zip(rewards, lengths, strict=True):
        for i in range(len(reward)):
            for j in range(i):
                if length[i] != length[j]:
                    breakpoints.add((reward[i] - reward[j]) / (length[i] - length[j]))
    steps = sorted(breakpoints)
    middles = [(a + b) / 2 for a, b in pairwise(steps)]
    return [steps[0] - 1, *steps, *middles, steps[-1] + 1]


@pytest.mark.parametrize("seed", range(60))
def test_exact_is_the_best_of_all_alphas_even_with_ties(seed):
    generator = np.random.default_rng(seed)
    shape = tuple(generator.integers(2, 7, 2))
    lengths = generator.integers(1, 7, shape).astype(float)
    rewards = generator.integers(-4, 5, shape) / 4
    optimum = exact(rewards, lengths)
    best = min(abs(difference(rewards, lengths, a)) for a in candidates(rewards, lengths))
    assert abs(optimum.difference) == pytest.approx(best)
    assert difference(rewards, lengths, optimum.value) == optimum.difference


def test_difference_never_increases_with_alpha():
    generator = np.random.default_rng(0)
    lengths = generator.integers(1, 900, (50, 10)).astype(float)
    rewards = generator.normal(size=(50, 10))
    values = [difference(rewards, lengths, a) for a in np.linspace(-0.1, 0.1, 400)]
    assert all(a >= b for a, b in pairwise(values))
    assert values[0] > 0 > values[-1]


def test_exact_is_never_worse_than_the_grid():
    for seed in range(20):
        generator = np.random.default_rng(seed)
        lengths = generator.integers(1, 900, (40, 10)).astype(float)
        rewards = generator.normal(size=(40, 10)) + 0.003 * lengths
        assert abs(exact(rewards, lengths).difference) <= abs(grid(rewards, lengths).difference)


def test_grid_breaks_ties_by_the_smallest_alpha():
    # Below 0.25 the longer response wins, at 0.25 both are equal and the first index is both
    # best and worst; from there on the shorter one wins by as much.
    rewards, lengths = np.array([[1.0, 0.0]]), np.array([[7.0, 3.0]])
    assert (grid(rewards, lengths).value, grid(rewards, lengths).difference) == (0.25, 0.0)
    # Never equal on the grid: +4 below 1/3, -4 above; the smallest α of all is 0.
    lengths = np.array([[6.0, 3.0]])
    assert (grid(rewards, lengths).value, grid(rewards, lengths).difference) == (0.0, 3.0)


def test_equal_lengths_need_no_penalty():
    optimum = exact(np.array([[3.0, 1.0]]), np.array([[5.0, 5.0]]))
    assert (optimum.value, optimum.difference) == (0.0, 0.0)


def test_alpha_is_zero_where_zero_is_optimal():
    rewards = np.array([[1.0, 0.0], [1.0, 0.0]])
    lengths = np.array([[5.0, 3.0], [3.0, 5.0]])
    assert exact(rewards, lengths).value == 0.0


def test_a_missing_response_is_never_selected():
    best, worst = choose(np.array([[np.nan, 1.0, 2.0]]), np.array([[9.0, 1.0, 1.0]]), 0.0)
    assert (best[0], worst[0]) == (2, 1)
    with pytest.raises(ValueError, match="no response"):
        choose(np.array([[np.nan, np.nan]]), np.ones((1, 2)), 0.0)


def test_curve_covers_the_optimum():
    generator = np.random.default_rng(1)
    lengths = generator.integers(1, 900, (40, 10)).astype(float)
    rewards = generator.normal(size=(40, 10)) + 0.003 * lengths
    optimum = exact(rewards, lengths)
    points = curve(rewards, lengths, optimum.value)
    assert points[0][0] <= min(0, optimum.value) and points[-1][0] > optimum.value
    assert points[0][1] > 0 > points[-1][1]
