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


def implicit_rewards(
    policy: pd.DataFrame, reference: pd.DataFrame | None, beta: float
) -> pd.DataFrame:
    """One row a response: id, index, reward, reward_check.

    ``policy`` and ``reference`` hold id, index, logprob and logprob_check of the same responses in
    the same order; ``reward_check`` is the reward in higher precision, NaN where not rescored.
    Without a reference the reward is β·log π(y|c), an ablation.

    Raises InputError if the rows differ or a log-probability is not finite.
    """
    scored = {"policy": policy} if reference is None else {"policy": policy, "reference": reference}
    for name, scores in scored.items():
        if not policy[ROW].equals(scores[ROW]):
            raise InputError(f"the log-probabilities of policy and {name} are of other responses")
        bad = scores[~np.isfinite(scores["logprob"])]
        if len(bad):
            row = bad.iloc[0]
            raise InputError(
                f"the {name}'s log-probability of response {row['index']} to prompt {row['id']} "
                f"is {row['logprob']}; it must be finite"
            )

    def reward(column: str) -> Floats:
        ours = policy[column].to_numpy()
        theirs = np.zeros(len(ours)) if reference is None else reference[column].to_numpy()
        return implicit_reward(ours, theirs, beta)

    return policy[ROW].assign(reward=reward("logprob"), reward_check=reward("logprob_check"))


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
