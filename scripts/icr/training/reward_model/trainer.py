"""The trainer of reward models, on pairs of whole conversations as token ids."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn import functional as F  # noqa: N812
from trl.trainer.reward_trainer import RewardTrainer

from icr.training.exact import ExactMeansOfPairs

NO_TOKEN = -1
"""Padding id of the model's configuration. The model reads the reward at the last token that is no
padding; as rows are padded on the left and no token has this id, that is everyone's last token."""


def bradley_terry(chosen: torch.Tensor, rejected: torch.Tensor) -> torch.Tensor:
    """The loss of each pair, −log σ(r(x, y⁺) − r(x, y⁻)), shape (pairs,)."""
    return -F.logsigmoid(chosen - rejected)


def new_head(model: Any, seed: int) -> None:
    """Draw the weights of an untrained head from N(0, 1/(d + 1)), d being the hidden size."""
    weight = model.score.weight
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(weight.shape, generator=generator) / (weight.shape[1] + 1) ** 0.5
    with torch.no_grad():
        weight.copy_(drawn.to(weight.dtype))


def padded_pairs(rows: Sequence[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
    """A batch of pairs, padded on the left: the chosen conversations, then the rejected ones.

    ``completion_mask`` marks the tokens of real conversations, as that of TRL's trainers marks
    responses. An empty pair, which fills up a batch, is a single unmarked token.
    """
    sides = [row[name] for name in ("chosen_ids", "rejected_ids") for row in rows]
    width = max(1, *map(len, sides))
    ids = torch.zeros(len(sides), width, dtype=torch.long)
    mask = torch.zeros_like(ids)
    attended = torch.zeros_like(ids)
    for number, side in enumerate(sides):
        start = width - len(side)
        ids[number, start:] = torch.tensor(side, dtype=torch.long)
        mask[number, start:] = 1
        attended[number, min(start, width - 1) :] = 1
    return {"input_ids": ids, "attention_mask": attended, "completion_mask": mask}


class PairedRewards(ExactMeansOfPairs, RewardTrainer):
    """TRL's trainer on rows of token ids; the loss is a mean over pairs of rewards."""

    def _check_first_step(self, logs: dict[str, float]) -> None:
        """Check nothing: an untrained head has no reference to be equal to."""

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: Any = False, num_items_in_batch: Any = None
    ) -> Any:
        """The share of one micro-batch in the mean loss over pairs."""
        attended = inputs["attention_mask"]
        rewards = model(
            input_ids=inputs["input_ids"],
            attention_mask=attended,
            position_ids=(attended.cumsum(1) - 1).clamp(min=0),
            use_cache=False,
        ).logits[:, 0].float()  # fmt: skip
        lengths = inputs["completion_mask"].sum(dim=1)
        real = lengths.chunk(2)[0] > 0
        chosen, rejected = (part[real] for part in rewards.chunk(2))
        chosen_length, rejected_length = (part[real] for part in lengths.chunk(2))
        self._record(
            margin=chosen - rejected,
            accuracy=chosen > rejected,
            chosen_reward=chosen,
            rejected_reward=rejected,
            chosen_length=chosen_length,
            rejected_length=rejected_length,
        )
        loss = self._mean(self.example_losses((chosen, rejected))[0])
        # Empty pairs have no part in the loss, but every weight needs a gradient in every process.
        loss = loss + 0.0 * rewards.sum()
        return (loss, None) if return_outputs else loss
