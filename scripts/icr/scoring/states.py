"""Hidden states of recorded responses under the policy, averaged over each response's tokens."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from transformers import PreTrainedModel

from icr.errors import InputError
from icr.models.load import higher
from icr.scoring.arithmetic import load_for, multiplying
from icr.scoring.batches import batches_by_length
from icr.scoring.higher import computing_in
from icr.scoring.kinds import Arithmetic
from icr.storage.blocks import first_of_blocks, language_of, pieces
from icr.storage.resumable import compute_resumable, identity

COLUMNS = ("layer", "last")
"""Columns of the means at the configured layer and at the last one."""

Example = tuple[Sequence[int], Sequence[int]]
"""Token ids of a prompt in the model's chat format, and of a response."""


class StateReader:
    """Reads the mean hidden states of responses at one layer and at the last.

    Layers count as transformers counts ``hidden_states``: 0 is the embedding, and the last is taken
    after the final norm. A batch has at most ``token_budget`` tokens, padding included.

    Raises InputError if the model has fewer layers.
    """

    def __init__(self, model: PreTrainedModel, layer: int, token_budget: int) -> None:
        self.model, self.budget = model, token_budget
        self.decoder = model.get_decoder()
        layers = len(self.decoder.layers)
        if layer > layers:
            raise InputError(
                f"reward.layer is {layer}, and {model.name_or_path} has {layers} layers; name one "
                f"of 1 to {layers}"
            )
        self.inner = self.decoder.layers[layer - 1] if layer < layers else None

    @torch.inference_mode()
    def read(self, examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
        """Means at the layer and at the last layer, each of shape (examples, hidden), in float32.

        A response without tokens has zeros.
        """
        width = self.model.config.get_text_config().hidden_size
        means = np.zeros((2, len(examples), width), dtype=np.float32)
        for batch in self._batches(examples):
            means[:, batch] = self._batch([examples[i] for i in batch]).cpu().numpy()
        return means[0], means[1]

    def _batches(self, examples: Sequence[Example]) -> Iterator[list[int]]:
        """Batches of the examples whose response has tokens."""
        lengths = {
            i: len(prompt) + len(response)
            for i, (prompt, response) in enumerate(examples)
            if response
        }
        return batches_by_length(lengths, self.budget)

    def _batch(self, examples: Sequence[Example]) -> torch.Tensor:
        """Means of shape (2, examples, hidden), summed in float64."""
        rows = [[*prompt, *response] for prompt, response in examples]
        ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
        mask, averaged = torch.zeros_like(ids), torch.zeros_like(ids)
        for i, (row, (prompt, _)) in enumerate(zip(rows, examples, strict=True)):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = 1
            averaged[i, len(prompt) : len(row)] = 1
        device = self.model.device
        inner: list[torch.Tensor] = []
        last = self._forward(ids.to(device), mask.to(device), inner)
        weights = (averaged / averaged.sum(dim=1, keepdim=True)).double().to(device)
        states = [inner[0] if inner else last, last]
        means = [torch.einsum("btd,bt->bd", state.double(), weights) for state in states]
        return torch.stack(means).float()

    def _forward(
        self, ids: torch.Tensor, mask: torch.Tensor, inner: list[torch.Tensor]
    ) -> torch.Tensor:
        """The last hidden state; the output of the inner layer is appended to ``inner``."""

        def keep(_: Any, __: Any, output: Any) -> None:
            inner.append(output[0] if isinstance(output, tuple) else output)

        handle = self.inner.register_forward_hook(keep) if self.inner is not None else None
        try:
            last: torch.Tensor = self.decoder(
                input_ids=ids, attention_mask=mask, use_cache=False
            ).last_hidden_state
        finally:
            if handle is not None:
                handle.remove()
        return last


def state_block(
    folder: str | Path,
    samples: pd.DataFrame,
    output: str | Path,
    layer: int,
    precision: Arithmetic,
    token_budget: int,
    chunk: int,
    checks: int,
    key: Any = None,
    block: int | None = None,
) -> pd.DataFrame:
    """One row a response: id, index, layer, last, layer_check, last_check.

    ``layer`` and ``last`` hold the mean hidden state over the recorded tokens of the response, its
    end token included if it was recorded, after the recorded prompt. All responses to the first
    ``checks`` prompts of each block are read again one at a time in higher precision, as the
    columns ``…_check``; elsewhere these are None. A killed job resumes from finished chunks of
    ``chunk`` prompts; ``key`` is anything else that determines their content.

    Raises InputError if the model has fewer layers, or a state is not finite.
    """
    prompts = (list(map(int, ids)) for ids in samples["prompt_ids"])
    responses = (list(map(int, ids)) for ids in samples["response_ids"])
    examples = list(zip(prompts, responses, strict=True))
    readers: list[StateReader] = []

    def reader() -> StateReader:
        if not readers:
            readers.append(StateReader(load_for(folder, precision), layer, token_budget))
        return readers[0]

    def compute(rows: Sequence[int]) -> pd.DataFrame:
        with multiplying(reader().model, precision):
            states = reader().read([examples[row] for row in rows])
        table = samples.loc[list(rows), ["id", "index"]]
        return table.assign(**_columns(states))

    ids = list(dict.fromkeys(samples["id"]))
    rows_of = samples.groupby("id", sort=False).indices
    cut = pieces(list(map(language_of, ids)), chunk, block)
    parts = [[int(row) for number in numbers for row in rows_of[ids[number]]] for numbers in cut]
    settings = [precision, chunk, layer, examples, identity(folder), key]
    table = compute_resumable(output, {"settings": settings}, parts, compute)
    _check_finite(table, str(folder))
    table[[f"{name}_check" for name in COLUMNS]] = None
    if first := [int(row) for name in first_of_blocks(ids, checks, block) for row in rows_of[name]]:
        with computing_in(reader().model, higher(precision)):
            alone = [reader().read([examples[row]]) for row in first]
        for number, name in enumerate(COLUMNS):
            column = table[f"{name}_check"].tolist()
            for row, states in zip(first, alone, strict=True):
                column[row] = states[number][0]
            table[f"{name}_check"] = column
    if not table[["id", "index"]].equals(samples[["id", "index"]].reset_index(drop=True)):
        raise RuntimeError("states came back in another order than the samples")
    print(f"states of {len(table)} responses at layer {layer} of {folder}")
    return table


def _columns(states: Sequence[np.ndarray]) -> dict[str, Any]:
    return {name: list(values) for name, values in zip(COLUMNS, states, strict=True)}


def _check_finite(table: pd.DataFrame, model: str) -> None:
    for name in COLUMNS:
        bad = [not np.isfinite(state).all() for state in table[name]]
        if any(bad):
            row = table[bad].iloc[0]
            raise InputError(
                f"model {model} has no finite hidden state for response {row['index']} to prompt "
                f"{row['id']} ({sum(bad)} such); its weights are broken, or too large for this "
                "arithmetic: scoring.precision: float32 has the widest range"
            )
