"""DPO with an NLL term, exactly as in Eq. 11, on recorded token ids."""

from typing import Any

from torch.nn import functional as F  # noqa: N812
from torch.utils.data import Sampler
from trl.trainer.dpo_trainer import DPOTrainer

from icr.training.exact import ExactMeans, PaddedShuffle


class PairTrainer(ExactMeans, DPOTrainer):
    """TRL's trainer on rows of token ids, with the loss of Eq. 11.

    TRL's own ``sft`` term averages over the tokens of a micro-batch, so that long responses weigh
    more and the loss depends on how a batch is cut; Eq. 11 divides by each |y⁺| and averages over
    pairs.
    """

    rows_per_example = 2

    def __init__(self, *args: Any, nll_weight: float, **kwargs: Any) -> None:
        self.nll_weight = nll_weight
        super().__init__(*args, **kwargs)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        def epoch() -> int:
            steps = self.state.max_steps // int(self.args.num_train_epochs)
            return self.state.global_step // steps

        rows: Any = self.train_dataset
        return PaddedShuffle(self.examples, len(rows), self.args.seed, epoch)

    def _compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool) -> Any:
        """Mean over pairs of −w·log π(y⁺|x)/|y⁺| − log σ(β·Δ), the part of one micro-batch."""
        logps = self._response_logps(model, inputs)
        lengths = inputs["completion_mask"].sum(dim=1)
        real = lengths.chunk(2)[0] > 0
        chosen, rejected = (part[real] for part in logps.chunk(2))
        chosen_length, rejected_length = (part[real] for part in lengths.chunk(2))
        chosen_reward = self.beta * (chosen - inputs["ref_chosen_logps"][real])
        rejected_reward = self.beta * (rejected - inputs["ref_rejected_logps"][real])
        margin = chosen_reward - rejected_reward
        dpo, nll = -F.logsigmoid(margin), -chosen / chosen_length
        self._record(
            dpo=dpo,
            nll=nll,
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
        loss = self._mean(dpo + self.nll_weight * nll)
        return (loss, None) if return_outputs else loss
