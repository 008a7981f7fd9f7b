"""The implicit reward of a preference-trained model against its reference."""

from icr.rewards.kinds import Floats


def implicit_reward(policy: Floats, reference: Floats, beta: float) -> Floats:
    """β·(log π(y|c) − log π_ref(y|c)) in nats times β (Eq. 9, 12 and 13, without the penalty).

    ``policy`` and ``reference`` are summed log-probabilities of the same responses under the same
    condition c, in nats. Both have the same shape, as does the result.
    """
    return beta * (policy - reference)
