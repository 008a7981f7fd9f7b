"""The implicit reward of a preference-trained model against its reference."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def implicit_reward(policy: Floats, reference: Floats, beta: float) -> Floats:
    """β·(log π(y|c) − log π_ref(y|c)) in nats times β (Eq. 9 and 12, without the penalty).

    ``policy`` and ``reference`` are summed log-probabilities of the same responses under the same
    condition c, of any one shape, which is also that of the result.
    """
    return beta * (policy - reference)
