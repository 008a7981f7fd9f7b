"""The multilingual implicit reward (Eq. 12)."""

from icr.rewards.implicit import implicit_reward
from icr.rewards.kinds import REWARDS, Floats, Responses, Reward


@REWARDS.register("multilingual")
@Reward.reading(view="multilingual", reference=True)
def multilingual(responses: Responses, *, beta: float) -> Floats:
    """The implicit reward given the native prompt (Eq. 12)."""
    return implicit_reward(responses.policy, responses.reference, beta)
