"""The trainer on pairs of recorded token ids."""

from typing import Any

from trl.trainer.dpo_trainer import DPOTrainer

from icr.training.exact import ExactMeansOfPairs
from icr.training.losses.kinds import Pairs


class PairTrainer(ExactMeansOfPairs, DPOTrainer):
    """TRL's trainer on rows of token ids, with a :class:`icr.training.losses.PairLoss`."""

    def _compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool) -> Any:
        """The share of one micro-batch in the mean loss over pairs."""
        logps = self._response_logps(model, inputs)
        lengths = inputs["completion_mask"].sum(dim=1)
        real = lengths.chunk(2)[0] > 0
        chosen, rejected = (part[real] for part in logps.chunk(2))
        chosen_length, rejected_length = (part[real] for part in lengths.chunk(2))
        pairs = Pairs(
            chosen,
            rejected,
            inputs["ref_chosen_logps"][real],
            inputs["ref_rejected_logps"][real],
            chosen_length,
            rejected_length,
        )
        losses, metrics = self.example_losses(pairs)
        chosen_reward = self.beta * pairs.chosen_logratio
        rejected_reward = self.beta * pairs.rejected_logratio
        margin = chosen_reward - rejected_reward
        self.metrics |= dict.fromkeys(metrics)
        self._record(
            **metrics,
            margin=margin,
            margin_squared=margin.square(),
            accuracy=margin > 0,
            chosen_reward=chosen_reward,
            rejected_reward=rejected_reward,
            chosen_logp=chosen,
            rejected_logp=rejected,
            chosen_length=chosen_length,
            rejected_length=rejected_length,
        )
        loss = self._mean(losses)
        return (loss, None) if return_outputs else loss
