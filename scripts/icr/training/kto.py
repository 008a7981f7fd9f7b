"""The trainer on single responses of recorded token ids."""

from typing import Any

import torch
from trl.trainer.kto_trainer import KTOTrainer

from icr.training.exact import ExactMeans
from icr.training.losses.kinds import Responses


class UnpairedTrainer(ExactMeans, KTOTrainer):
    """TRL's trainer on rows of token ids, with a :class:`icr.training.losses.UnpairedLoss`.

    The rows are those of :func:`icr.training.data.kto_rows`.
    """

    def get_batch_samples(self, *args: Any) -> tuple[list, None]:
        """The micro-batches of one optimizer step; keeps them for the estimate of its KL term."""
        self._micro_batches, _ = super().get_batch_samples(*args)
        self._z: torch.Tensor | None = None
        return self._micro_batches, None

    def _kl_term(self, model: Any) -> torch.Tensor:
        """z: the mean of log π/π_ref over mismatched prompts and responses, at least 0.

        The mean is over all micro-batches of the optimizer step in all processes, so that the loss
        does not depend on how the step is divided. The policy is the same for all of them, so this
        costs one forward pass for each.
        """
        total = torch.zeros(2, device=self.args.device)
        with torch.no_grad():
            for batch in map(self._prepare_inputs, self._micro_batches):
                real = batch["completion_mask"].any(dim=1)
                shifted = self._response_logps(model, batch, "KL_") - batch["ref_KL_logps"]
                total += torch.stack([(shifted * real).sum(), real.sum()])
        ratios, count = self.accelerator.reduce(total, "sum")
        return (ratios / count.clamp(min=1)).clamp(min=0)

    def _compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool) -> Any:
        """The share of one micro-batch in the mean loss over responses."""
        z = self._z = self._kl_term(model) if self._z is None else self._z
        lengths = inputs["completion_mask"].sum(dim=1)
        real = lengths > 0
        logps = self._response_logps(model, inputs)
        losses, metrics = self.example_losses(
            Responses(logps, inputs["ref_logps"], lengths, inputs["label"], z)
        )
        reward = self.beta * (logps - inputs["ref_logps"])
        self.metrics |= dict.fromkeys(metrics)
        self._record(
            kl=z.expand(int(real.sum())), **{name: value[real] for name, value in metrics.items()}
        )
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
