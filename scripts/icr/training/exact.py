"""Common parts of the two trainers: exact means over examples, and complete checkpoints."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import is_peft_model
from torch.utils.data import Sampler

from icr.errors import InputError
from icr.scoring.identities import check_dpo_loss, check_first_step
from icr.storage.progress import Progress
from icr.training.balance import BalancedSampler
from icr.training.checkpoints import completed
from icr.training.data import row_tokens
from icr.training.losses.kinds import Losses
from icr.training.packing import pack

_Mixin: Any = object  # mixed into a trainer, whose attributes a type checker cannot see here


class PaddedShuffle(Sampler[int]):
    """Reshuffles the first ``real`` rows in each epoch, and yields the padding after them.

    The order depends on seed and epoch alone. ``epoch`` is called when an epoch begins, so that a
    resumed run continues in the same order.
    """

    def __init__(self, real: int, total: int, seed: int, epoch: Callable[[], int]) -> None:
        self.real, self.total, self.seed, self.epoch = real, total, seed, epoch

    def __len__(self) -> int:
        return self.total

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed + self.epoch())
        yield from torch.randperm(self.real, generator=generator).tolist()
        yield from range(self.real, self.total)


class ExactMeans(_Mixin):
    """Mix-in for a TRL trainer: rows are token ids, losses and curves are means over examples.

    Every example of an optimizer step has the same weight, however the step is divided into
    micro-batches and processes, also in a smaller last step of an epoch. Rows with empty responses
    only fill up micro-batches.

    ``example_losses`` is the loss (:meth:`icr.training.losses.Loss.bind`). ``nll_weight`` is that
    of Eq. 11, against which the first step is checked, and None for any other loss. ``metrics``
    holds the names of the metrics that the loss reports. ``packed`` trains without padding
    (:mod:`icr.training.packing`).
    """

    rows_per_example = 1

    def __init__(
        self,
        *args: Any,
        examples: int,
        example_losses: Callable[[Any], Losses],
        nll_weight: float | None,
        packed: bool,
        **kwargs: Any,
    ) -> None:
        self.examples = examples
        self.example_losses = example_losses
        self.nll_weight = nll_weight
        self.packed = packed
        self.metrics: dict[str, None] = {}
        self.examples_in_step = 0
        self._sums: dict[str, tuple[torch.Tensor, int]] = {}
        super().__init__(*args, **kwargs)

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset

    def _row_order(self) -> Sampler[int]:
        """The rows of each epoch, before they are dealt out to processes."""
        order: Sampler[int] = super()._get_train_sampler()
        return order

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        order = self._row_order()
        processes, micro_batch = self.accelerator.num_processes, self.args.train_batch_size
        if processes == 1:
            return order
        global_batch = processes * micro_batch * self.args.gradient_accumulation_steps
        tokens = row_tokens(self.train_dataset)
        return BalancedSampler(order, tokens, global_batch, processes, micro_batch)

    def get_batch_samples(
        self, epoch_iterator: Iterator, num_batches: int, device: torch.device
    ) -> tuple[list, None]:
        """The micro-batches of one optimizer step; counts their examples over all processes."""
        samples, _ = super().get_batch_samples(epoch_iterator, num_batches, device)
        rows = sum(int(batch["completion_mask"].any(dim=1).sum()) for batch in samples)
        total = self.accelerator.reduce(torch.tensor(rows, device=device), "sum")
        self.examples_in_step = int(total) // self.rows_per_example
        return samples, None

    def _prepare_inputs(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """Inputs on the device, with reference log-probabilities in full precision.

        Under DeepSpeed the trainer rounds floating-point inputs to the model's precision: in
        bfloat16 a log-probability of −300 would be off by up to 1 nat.
        """
        floating = {k: v for k, v in inputs.items() if torch.is_floating_point(v)}
        prepared = super()._prepare_inputs(inputs)
        return {**prepared, **{k: v.to(self.args.device) for k, v in floating.items()}}

    def _mean(self, losses: torch.Tensor) -> torch.Tensor:
        """This micro-batch's share of the mean over the examples of the optimizer step.

        Undoes the trainer's division by accumulation steps and the mean over processes.
        """
        parts = self.current_gradient_accumulation_steps * self.accelerator.num_processes
        return losses.sum() * parts / self.examples_in_step

    def _response_logps(self, model: Any, inputs: dict[str, Any], prefix: str = "") -> torch.Tensor:
        """Σ log π over the tokens of each response, shape (rows,), summed in float32."""
        ids, mask = inputs[f"{prefix}input_ids"], inputs[f"{prefix}completion_mask"]
        output = model(
            input_ids=ids,
            attention_mask=inputs[f"{prefix}attention_mask"],
            labels=ids.masked_fill(mask == 0, -100),
            fused_lm_head=True,
            use_cache=False,
        )
        return output.log_probs.float().sum(dim=1)

    def _record(self, **values: torch.Tensor) -> None:
        """Add the values of some examples to the curves of this optimizer step."""
        for name, value in values.items():
            total, count = self._sums.get(name, (torch.zeros((), device=value.device), 0))
            self._sums[name] = (total + value.detach().double().sum(), count + len(value))

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log one step, with the means of the values recorded in all processes.

        Raises InputError if the loss is not finite, or if the step breaks an identity of
        :mod:`icr.scoring.identities`.
        """
        if self._sums:
            totals = torch.stack([total for total, _ in self._sums.values()])
            counts = totals.new_tensor([count for _, count in self._sums.values()])
            sums = self.accelerator.reduce(torch.stack([totals, counts]), "sum").tolist()
            means = zip(self._sums, *sums, strict=True)
            self._metrics["train"].clear()
            logs.update({name: total / count for name, total, count in means if count})
            self._sums = {}
        if not math.isfinite(logs.get("loss", 0.0)):
            raise InputError(
                f"the loss is {logs['loss']} at step {self.state.global_step}; "
                "lower learning_rate, or look for broken weights in the starting policy"
            )
        # Under dropout the policy differs from itself as its own reference.
        if self.state.global_step == 1 and "chosen_reward" in logs and self.args.disable_dropout:
            self._check_first_step(logs)
        if self.nll_weight is not None and "dpo" in logs:
            check_dpo_loss(logs)
        super().log(logs, start_time)

    def _check_first_step(self, logs: dict[str, float]) -> None:
        """Raise InputError unless the policy equals its reference in the first step."""
        check_first_step(logs, self.nll_weight, self.args.bf16, self.beta)

    def _precompute_ref_logps(self, dataset: Any, name: str, batch_size: int) -> Any:
        """The rows with their reference log-probabilities."""
        if self.packed:  # TRL has set up its own head by now, which this replaces
            pack(self.model.get_base_model() if is_peft_model(self.model) else self.model)
        batches = math.ceil(len(dataset) / (batch_size * self.accelerator.num_processes))
        self._reference_progress = Progress(batches, "batches of reference log-probabilities")
        return super()._precompute_ref_logps(dataset, name, batch_size)

    def compute_ref_log_probs(self, model: Any, inputs: dict[str, Any]) -> Any:
        """Reference log-probabilities of a batch; prints progress."""
        logps = super().compute_ref_log_probs(model, inputs)
        if self.accelerator.is_main_process:
            self._reference_progress.step()
        return logps

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            completed(Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}")

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Write no card into checkpoints; the policy has its own."""

    def _send_telemetry(self) -> None:
        """Send nothing: training works offline."""


class ExactMeansOfPairs(ExactMeans):
    """The same for a trainer on pairs, each of which fills two rows of a batch."""

    rows_per_example = 2

    def _row_order(self) -> Sampler[int]:
        def epoch() -> int:
            steps = self.state.max_steps // int(self.args.num_train_epochs)
            return self.state.global_step // steps

        rows: Any = self.train_dataset
        return PaddedShuffle(self.examples, len(rows), self.args.seed, epoch)
