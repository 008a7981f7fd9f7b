"""DPO with an NLL term, exactly as in Eq. 11, on recorded token ids."""

from collections.abc import Iterator
from typing import Any

import torch
from torch.nn import functional as F  # noqa: N812
from trl import DPOTrainer


class PairTrainer(DPOTrainer):
    """TRL's trainer with two changes: rows are token ids already, and the loss is Eq. 11.

    TRL's own ``sft`` term averages over the tokens of a micro-batch, so that long responses weigh
    more and the loss depends on how a batch is cut; Eq. 11 divides by each |y⁺| and averages over
    pairs.
    """

    def __init__(self, *args: Any, nll_weight: float, **kwargs: Any) -> None:
        self.nll_weight = nll_weight
        self.pairs_in_step = 0
        super().__init__(*args, **kwargs)

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset

    def get_batch_samples(
        self, epoch_iterator: Iterator, num_batches: int, device: torch.device
    ) -> tuple[list, None]:
        """The micro-batches of one optimizer step; counts their pairs over all processes."""
        samples, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        pairs = sum(len(batch["input_ids"]) // 2 for batch in samples)
        counted = self.accelerator.gather(torch.tensor([pairs], device=device))
        self.pairs_in_step = int(counted.sum())
        return samples, None

    def _compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool) -> Any:
        """−w·log π(y⁺|x)/|y⁺| − log σ(β·Δ), summed over the pairs of the micro-batch.

        Scaled so that the trainer's division by accumulation steps and the mean over processes
        end in the mean over all pairs of the optimizer step, also where the last one is smaller.
        """
        mask = inputs["completion_mask"]
        labels = inputs["input_ids"].masked_fill(mask == 0, -100)
        logps = (
            model(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                labels=labels,
                fused_lm_head=True,
                use_cache=False,
            )
            .log_probs.float()
            .sum(dim=1)
        )
        chosen, rejected = logps.chunk(2)
        chosen_length, rejected_length = mask.sum(dim=1).chunk(2)
        chosen_reward = self.beta * (chosen - inputs["ref_chosen_logps"])
        rejected_reward = self.beta * (rejected - inputs["ref_rejected_logps"])
        margin = chosen_reward - rejected_reward
        dpo, nll = -F.logsigmoid(margin), -chosen / chosen_length
        self._record(
            dpo=dpo,
            nll=nll,
            margin=margin,
            accuracy=(margin > 0).float(),
            chosen_reward=chosen_reward,
            rejected_reward=rejected_reward,
            chosen_logp=chosen,
            rejected_logp=rejected,
            chosen_length=chosen_length.float(),
            rejected_length=rejected_length.float(),
        )
        scale = (
            self.current_gradient_accumulation_steps
            * self.accelerator.num_processes
            / self.pairs_in_step
        )
        loss = (dpo + self.nll_weight * nll).sum() * scale
        return (loss, None) if return_outputs else loss

    def _record(self, **values: torch.Tensor) -> None:
        for name, value in values.items():
            mean = self.accelerator.gather(value.detach()).mean().item()
            self._metrics["train"][name].append(mean)
