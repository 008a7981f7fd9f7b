"""What a reward is: a pure function of responses, what it reads of them, and what it costs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from icr.errors import InputError
from icr.methods import Method
from icr.registry import Registry
from icr.scoring.views import VIEWS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Responses:
    """The responses to the prompts of one language. Arrays have shape (responses,).

    Log-probabilities are sums over the tokens of a response, in nats. What a reward does not say
    that it reads is NaN.
    """

    samples: pd.DataFrame
    """The sampler's table, a row a response: ``id`` of the prompt, ``index``, ``prompt``,
    ``response``, ``response_ids``, ``finish_reason``, ``logprob``."""
    policy: Floats
    """The log-probability by the policy that sampled the response, under the reward's view."""
    reference: Floats
    """The same by the reference; 0 where the configuration says ``reference: none``."""
    tokens: Floats
    """How many tokens these sums are of, the end token included."""
    model: Floats
    """What the external reward model ``reward.model`` says of native prompt and response."""


class Reward(Method):
    """A reward; its function takes :class:`Responses` and returns a finite number for each.

    ``beta`` is a key of ``reward``. Every other keyword-only parameter is a setting of the reward's
    own, a key of ``reward.settings``. The reward of a response may depend on the other responses
    to its prompt, and on nothing else.

    Without more it reads samples alone; :meth:`reading` says what else.
    """

    KIND = "reward"
    SHARED = frozenset({"beta"})
    view: str | None = None
    """Under which view (:data:`icr.scoring.views.VIEWS`) it reads log-probabilities, if any."""
    reference = False
    """Whether it reads those of the reference too."""
    model = False
    """Whether it reads the scores of an external reward model."""
    milliseconds = 0.0
    """What it takes to compute, on one CPU, for each response. What it reads is made by jobs of
    their own."""

    @classmethod
    def reading(
        cls,
        view: str | None = None,
        reference: bool = False,
        model: bool = False,
        milliseconds: float = 0.0,
    ) -> Callable[[Callable[..., Floats]], "Reward"]:
        """Decorator that makes a reward which reads more than samples, or takes its time.

        Raises InputError for an unknown view, or a reference without a view.
        """
        if view is not None and view not in VIEWS:
            raise InputError(f"unknown view '{view}'; known: {', '.join(VIEWS)}")
        if reference and view is None:
            raise InputError("a reward that reads the reference's log-probabilities needs a view")

        def make(function: Callable[..., Floats]) -> "Reward":
            reward = cls(function)
            reward.view, reward.reference = view, reference
            reward.model, reward.milliseconds = model, milliseconds
            return reward

        return make


REWARDS = Registry[Reward]("reward")
