"""Losses: pure functions of pairs or of single responses, with their settings."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from icr.errors import InputError
from icr.methods import Method
from icr.registry import Registry

if TYPE_CHECKING:
    import pandas as pd
    from torch import Tensor

WEIGHTS = frozenset({"nll_weight", "desirable_weight", "undesirable_weight"})
"""Training settings that only some losses use. All use ``beta``, if only for the curves."""

Losses = tuple["Tensor", dict[str, "Tensor"]]
"""The loss of each example, and metrics of each example for the curves, all of shape (examples,).
The mean of the first over the examples of an optimizer step is minimised."""


@dataclass(frozen=True)
class Pairs:
    """A batch of pairs. All tensors have shape (pairs,).

    Log-probabilities are sums over the tokens of a response, in nats: the policy's, with gradients,
    and the training reference's. Token counts include the end token, if there is one.
    """

    chosen: "Tensor"
    rejected: "Tensor"
    reference_chosen: "Tensor"
    reference_rejected: "Tensor"
    chosen_tokens: "Tensor"
    rejected_tokens: "Tensor"

    @property
    def chosen_logratio(self) -> "Tensor":
        """The log-ratio log π(y⁺|x) − log π_ref(y⁺|x)."""
        return self.chosen - self.reference_chosen

    @property
    def rejected_logratio(self) -> "Tensor":
        """The log-ratio log π(y⁻|x) − log π_ref(y⁻|x)."""
        return self.rejected - self.reference_rejected

    @property
    def logratio(self) -> "Tensor":
        """Δ: how much more the policy prefers y⁺ to y⁻ than the reference does, in nats."""
        return self.chosen_logratio - self.rejected_logratio


@dataclass(frozen=True)
class Responses:
    """A batch of single responses. Tensors are (responses,), in the units of :class:`Pairs`."""

    policy: "Tensor"
    reference: "Tensor"
    tokens: "Tensor"
    desirable: "Tensor"
    """True for chosen responses, False for rejected ones."""
    kl: "Tensor"
    """z: the mean of log π/π_ref over mismatched prompts and responses of the optimizer step, at
    least 0. A scalar without gradient."""


class Loss(Method, ABC):
    """A function whose keyword-only parameters are its settings.

    ``beta`` and :data:`WEIGHTS` are keys of ``training``. All others are specific to the loss, keys
    of ``training.loss_settings``.

    The loss of an example must depend on that example alone, so that the division of a step into
    micro-batches does not matter.
    """

    KIND = "loss"
    SHARED = frozenset({"beta", *WEIGHTS})
    least_micro_batch: ClassVar[int] = 1

    @property
    def unused(self) -> frozenset[str]:
        """Training settings that have no effect under this loss."""
        return WEIGHTS - self.shared

    def check_micro_batch(self, micro_batch: int) -> None:
        """Raise InputError for a micro-batch that is too small for the trainer."""
        if micro_batch < self.least_micro_batch:
            raise InputError(
                f"this loss needs a micro_batch of {self.least_micro_batch} or more, not "
                f"{micro_batch}"
            )

    def bind(self, settings: Any) -> Callable[[Any], Losses]:
        """The function with its settings filled in, a function of examples alone.

        ``settings`` are :class:`icr.training.settings.TrainingSettings`.
        """
        return self.bound(settings, settings.loss_settings)

    @staticmethod
    @abstractmethod
    def rows(pairs: "pd.DataFrame", seed: int) -> "pd.DataFrame":
        """The trainer's rows, from pairs as :func:`icr.training.data.read_pairs` returns them."""

    @staticmethod
    @abstractmethod
    def trainer() -> tuple[type, type]:
        """TRL's class of arguments, and the trainer."""


class PairLoss(Loss):
    """A loss of pairs; its function takes :class:`Pairs`."""

    @staticmethod
    def rows(pairs: "pd.DataFrame", seed: int) -> "pd.DataFrame":
        """The pairs as they are."""
        return pairs

    @staticmethod
    def trainer() -> tuple[type, type]:
        """TRL's arguments of DPO, and the trainer on pairs."""
        from trl.trainer.dpo_config import DPOConfig

        from icr.training.dpo import PairTrainer

        return DPOConfig, PairTrainer


class UnpairedLoss(Loss):
    """A loss of single responses, two from each pair; its function takes :class:`Responses`."""

    # The reference point compares the responses of a micro-batch.
    least_micro_batch = 2

    @staticmethod
    def rows(pairs: "pd.DataFrame", seed: int) -> "pd.DataFrame":
        """One row per response, shuffled."""
        from icr.training.data import kto_rows

        return kto_rows(pairs, seed)

    @staticmethod
    def trainer() -> tuple[type, type]:
        """TRL's arguments of KTO, and the trainer on single responses."""
        from trl.trainer.kto_config import KTOConfig

        from icr.training.kto import UnpairedTrainer

        return KTOConfig, UnpairedTrainer


LOSSES = Registry[Loss]("loss")
