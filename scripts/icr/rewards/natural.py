"""The natural reward: that of an external reward model."""

from icr.rewards.kinds import REWARDS, Floats, Responses, Reward


@REWARDS.register("natural")
@Reward.reading(model=True)
def natural(responses: Responses) -> Floats:
    """What the external reward model says of native prompt and response (R_n of Table 1)."""
    return responses.model
