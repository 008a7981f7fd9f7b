"""The spread of rewards within a prompt, and the noise of the arithmetic in them."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def noise_floor(rewards: pd.DataFrame) -> float:
    """Root mean square error of a reward from arithmetic and batching, in units of the reward.

    Over the rows that were rescored (``reward_check``), the difference of the reward and its more
    exact value, less each prompt's mean: an error that a prompt's responses share changes no rank.
    NaN if no row was rescored.
    """
    error = rewards["reward"] - rewards["reward_check"]
    within = (error - error.groupby(rewards["id"]).transform("mean")).dropna()
    return float(np.sqrt((within**2).mean())) if len(within) else float("nan")


def reward_spread(rewards: NDArray[np.float64]) -> float:
    """Mean over prompts of the standard deviation of rewards, of shape (prompts, responses).

    NaN stands for a response without a reward; a prompt without any is left out.
    """
    known = rewards[~np.isnan(rewards).all(axis=1)]
    return float(np.nanstd(known, axis=1).mean())


def spread_line(spread: float, noise: float) -> str:
    """A line of text with spread and noise."""
    times = f" ({spread / noise:.0f}x)" if noise > 0 else ""
    return f"reward spread within a prompt {spread:.3g}, noise floor {noise:.2g}{times}"
