"""The implicit reward of a preference-trained model against its reference."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icr.errors import InputError

Floats = NDArray[np.float64]
ROW = ["id", "index"]


def implicit_reward(policy: Floats, reference: Floats, beta: float) -> Floats:
    """β·(log π(y|c) − log π_ref(y|c)) in nats times β (Eq. 9, 12 and 13, without the penalty).

    ``policy`` and ``reference`` are summed log-probabilities of the same responses under the same
    condition c, of any one shape, which is also that of the result.
    """
    return beta * (policy - reference)


def implicit_rewards(policy: pd.DataFrame, reference: pd.DataFrame, beta: float) -> pd.DataFrame:
    """One row a response: id, index, reward, reward_check.

    ``policy`` and ``reference`` hold id, index, logprob and logprob_check of the same responses in
    the same order; ``reward_check`` is the reward in higher precision, NaN where not rescored.

    Raises InputError if the rows differ or a log-probability is not finite.
    """
    if not policy[ROW].equals(reference[ROW]):
        raise InputError("the log-probabilities of policy and reference are of other responses")
    for name, scores in (("policy", policy), ("reference", reference)):
        bad = scores[~np.isfinite(scores["logprob"])]
        if len(bad):
            row = bad.iloc[0]
            raise InputError(
                f"the {name}'s log-probability of response {row['index']} to prompt {row['id']} "
                f"is {row['logprob']}; it must be finite"
            )
    columns = {"reward": "logprob", "reward_check": "logprob_check"}
    return policy[ROW].assign(
        **{
            name: implicit_reward(policy[of].to_numpy(), reference[of].to_numpy(), beta)
            for name, of in columns.items()
        }
    )


def without_failed(rewards: pd.DataFrame, translations: pd.DataFrame) -> pd.DataFrame:
    """The rewards, NaN where the translation that they stand on failed.

    Raises InputError if the translations are of other responses.
    """
    if not rewards[ROW].equals(translations[ROW]):
        raise InputError("the translations are not of the rewarded responses")
    failed = (translations["failed"] != "").to_numpy()
    return rewards.assign(
        **{name: rewards[name].mask(failed) for name in ("reward", "reward_check")}
    )
