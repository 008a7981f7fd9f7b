"""The implicit reward of translated responses (Eq. 13)."""

from icr.rewards.implicit import implicit_reward
from icr.rewards.kinds import REWARDS, Floats, Responses, Reward


@REWARDS.register("translated")
@Reward.reading(view="translated", reference=True)
def translated(responses: Responses, *, beta: float) -> Floats:
    """The implicit reward of the policy's own English translations of the responses (Eq. 13)."""
    return implicit_reward(responses.policy, responses.reference, beta)
