"""The cross-lingual implicit reward (Eq. 9)."""

from icr.rewards.implicit import implicit_reward
from icr.rewards.kinds import REWARDS, Floats, Responses, Reward


@REWARDS.register("crosslingual")
@Reward.reading(view="crosslingual", reference=True)
def crosslingual(responses: Responses, *, beta: float) -> Floats:
    """The implicit reward given the English instruction behind the language prefix (Eq. 9)."""
    return implicit_reward(responses.policy, responses.reference, beta)
