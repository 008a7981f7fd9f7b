"""KTO (Eq. 16), from the same pairs: chosen are desirable, rejected undesirable."""

from typing import Any

import torch
from trl.trainer.kto_trainer import KTOTrainer

from icr.training.exact import ExactMeans


class UnpairedTrainer(ExactMeans, KTOTrainer):
    """TRL's trainer on rows of token ids, made by :func:`icr.training.data.kto_rows`."""

    def _compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool) -> Any:
        """Mean over responses of λ·(1 − σ(±β·(log π/π_ref − z))), the part of one micro-batch.

        + for desirable, − for undesirable responses. z is the mean of log π/π_ref over mismatched
        prompts and responses of the micro-batches of all processes, at least 0. Eq. 16 prints it
        outside of β; the loss that it cites, and the trainers in use, multiply it by β as here.
        """
        lengths = inputs["completion_mask"].sum(dim=1)
        real = lengths > 0
        with torch.no_grad():
            shifted = self._response_logps(model, inputs, "KL_") - inputs["ref_KL_logps"]
        parts = torch.stack([(shifted * real).sum(), real.sum().to(shifted.dtype)])
        total, count = self.accelerator.reduce(parts, "sum")
        z = (total / count.clamp(min=1)).clamp(min=0)
        logps = self._response_logps(model, inputs)
        reward = self.beta * (logps - inputs["ref_logps"])
        sign = inputs["label"].to(reward.dtype) * 2 - 1
        weight = torch.where(inputs["label"], self.desirable_weight, self.undesirable_weight)
        losses = weight * (1 - torch.sigmoid(sign * (reward - self.beta * z)))
        self._record(kl=z.expand(int(real.sum())))
        for side, rows in (
            ("chosen", inputs["label"] & real),
            ("rejected", ~inputs["label"] & real),
        ):
            self._record(
                **{
                    f"{side}_reward": reward[rows],
                    f"{side}_logp": logps[rows],
                    f"{side}_length": lengths[rows],
                }
            )
        loss = self._mean(losses[real])
        return (loss, None) if return_outputs else loss
