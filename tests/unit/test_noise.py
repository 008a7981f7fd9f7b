import numpy as np
import pandas as pd
import pytest

from icr.scoring.noise import noise_floor, reward_spread, spread_line


def test_noise_is_what_differs_within_a_prompt():
    base = pd.DataFrame({"id": ["a", "a", "b", "b"], "reward": [1.0, 2.0, 3.0, 4.0]})
    exact = base.assign(reward_check=base["reward"])
    shifted = exact.assign(reward=exact["reward"] + 5)  # common to the prompt: ranks nothing
    assert noise_floor(shifted) == 0.0
    noisy = exact.assign(reward=exact["reward"] + [0.1, -0.1, 0.1, -0.1])
    assert noise_floor(noisy) == pytest.approx(0.1)
    assert reward_spread(np.array([[0.0, 2.0], [1.0, 1.0]])) == 0.5


def test_noise_of_nothing_checked_is_unknown():
    table = pd.DataFrame({"id": ["a"], "reward": [1.0], "reward_check": [np.nan]})
    assert np.isnan(noise_floor(table))
    assert spread_line(0.1, float("nan")) == "reward spread within a prompt 0.1, noise floor nan"
    assert spread_line(0.1234, 0.004) == (
        "reward spread within a prompt 0.123, noise floor 0.004 (31x)"
    )
