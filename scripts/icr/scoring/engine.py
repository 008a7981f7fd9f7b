"""Summed log-probabilities of responses, independent of the other rows of a batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from icr.errors import InputError
from icr.scoring.batches import batches_by_length

HEAD_CHUNK = 512
"""Positions whose logits are held at a time."""


@dataclass(frozen=True)
class Row:
    """A response to be scored after a prompt."""

    prompt: int
    """Index of its prompt among the prompts."""
    ids: Sequence[int]
    """Tokens whose log-probabilities are summed, after the first ``skip``."""
    skip: int = 0
    """Tokens at the front that are conditioned on but not summed."""


class Scorer:
    """Scores rows with one model.

    The head is applied to response positions only, and log-softmax runs in float32 over chunks of
    them. A prompt's cache is computed once and shared by its responses if the model's kind of cache
    allows it; otherwise prompt and response run together. Rows are sorted by length and cut into
    batches of at most ``token_budget`` tokens, padding and shared prompt included.
    """

    def __init__(
        self, model: PreTrainedModel, token_budget: int, share_prefix: bool = True
    ) -> None:
        self.model, self.budget = model, token_budget
        self.decoder = model.get_decoder()
        self.head = model.get_output_embeddings()
        self.shares = share_prefix and _keys_and_values_only(model)
        self._check_head()

    @torch.inference_mode()
    def score(self, prompts: Sequence[Sequence[int]], rows: Sequence[Row]) -> list[float]:
        """Σ log π(token | prompt, tokens before) for each row, in nats, summed in float64."""
        sums = torch.zeros(len(rows), dtype=torch.float64)
        for group in self._prompt_groups(prompts):
            cache, width = self._prefix([prompts[p] for p in group])
            index_in_group = {p: i for i, p in enumerate(group)}
            indices = [i for i, row in enumerate(rows) if row.prompt in index_in_group and row.ids]
            for batch in self._batches(indices, rows, prompts, width):
                members = [rows[i] for i in batch]
                prefixes = [index_in_group[row.prompt] for row in members]
                sums[batch] = self._batch(members, prompts, cache, prefixes, width).cpu()
        return [float(value) for value in sums]

    def _prompt_groups(self, prompts: Sequence[Sequence[int]]) -> Iterator[list[int]]:
        """Prompts of similar length whose padded prefixes fit into the budget together."""
        order = sorted(range(len(prompts)), key=lambda p: len(prompts[p]))
        group: list[int] = []
        for p in order:
            if group and (len(group) + 1) * len(prompts[p]) > self.budget:
                yield group
                group = []
            group.append(p)
        if group:
            yield group

    def _batches(
        self, indices: list[int], rows: Sequence[Row], prompts: Sequence[Sequence[int]], width: int
    ) -> Iterator[list[int]]:
        """Batches of the rows of ``indices``, which follow a prefix of ``width`` tokens."""

        def length(i: int) -> int:
            own = 1 if self.shares else len(prompts[rows[i].prompt])
            return width + own + len(rows[i].ids)

        return batches_by_length({i: length(i) for i in indices}, self.budget)

    def _prefix(
        self, prompts: Sequence[Sequence[int]]
    ) -> tuple[tuple[DynamicCache, torch.Tensor] | None, int]:
        """Cache of all prompts but for their last token, left-padded, with its mask; its width."""
        if not self.shares:
            return None, 0
        width = max(2, *(len(prompt) for prompt in prompts)) - 1
        ids, mask = self._padded([prompt[:-1] for prompt in prompts], width, left=True)
        cache = DynamicCache()
        self.decoder(
            input_ids=ids,
            attention_mask=mask,
            position_ids=(mask.cumsum(1) - 1).clamp(min=0),
            past_key_values=cache,
            use_cache=True,
        )
        return (cache, mask), width

    def _batch(
        self,
        rows: Sequence[Row],
        prompts: Sequence[Sequence[int]],
        prefix: tuple[DynamicCache, torch.Tensor] | None,
        prefixes: list[int],
        width: int,
    ) -> torch.Tensor:
        """Sums of the rows, of shape (rows,); ``prefixes`` are their indices in the cache."""
        contexts = [list(prompts[row.prompt])[-1 if prefix else 0 :] for row in rows]
        inputs = [[*context, *row.ids[:-1]] for context, row in zip(contexts, rows, strict=True)]
        ids, mask = self._padded(inputs, max(map(len, inputs)), left=False)
        cache = None
        if prefix is not None:
            # Rows that share a prompt get copies of its cache.
            index = torch.tensor(prefixes, device=mask.device)
            kept = ((k, v) if k is None else (k[index], v[index]) for k, v, *_ in prefix[0])
            cache = DynamicCache(ddp_cache_data=kept)
            mask = torch.cat([prefix[1][index], mask], dim=1)
        hidden = self.decoder(
            input_ids=ids,
            attention_mask=mask,
            position_ids=(mask.cumsum(1) - 1).clamp(min=0)[:, width:],
            past_key_values=cache,
            use_cache=cache is not None,
        ).last_hidden_state
        row_indices: list[int] = []
        positions: list[int] = []
        targets: list[int] = []
        for i, (context, row) in enumerate(zip(contexts, rows, strict=True)):
            scored = range(row.skip, len(row.ids))
            row_indices += [i] * len(scored)
            positions += [len(context) - 1 + k for k in scored]
            targets += row.ids[row.skip :]
        owners = torch.tensor(row_indices).to(hidden.device)
        states = hidden[owners, torch.tensor(positions).to(hidden.device)]
        logprobs = self._logprobs(states, torch.tensor(targets, device=hidden.device))
        sums = torch.zeros(len(rows), dtype=torch.float64, device=hidden.device)
        return sums.index_add_(0, owners, logprobs.double())

    def _padded(
        self, rows: Sequence[Sequence[int]], width: int, left: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and mask of shape (rows, width); id 0 fills, and is masked."""
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for i, row in enumerate(rows):
            span = slice(width - len(row), width) if left else slice(0, len(row))
            ids[i, span] = torch.tensor(row, dtype=torch.long)
            mask[i, span] = 1
        return ids.to(self.model.device), mask.to(self.model.device)

    def _logits(self, states: torch.Tensor) -> torch.Tensor:
        """Logits in at least float32, with the cap or scale that some architectures apply."""
        logits = self.head(states)
        logits = logits if logits.dtype == torch.float64 else logits.float()
        config = self.model.config.get_text_config()
        if cap := getattr(config, "final_logit_softcapping", None):
            logits = torch.tanh(logits / cap) * cap
        if scale := getattr(config, "logits_scaling", None):
            logits = logits / scale
        if scale := getattr(config, "logit_scale", None):
            logits = logits * scale
        return logits

    def _logprobs(self, states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Log softmax at the targets; states of shape (positions, hidden), result (positions,)."""
        chunks = []
        for start in range(0, len(targets), HEAD_CHUNK):
            logits = self._logits(states[start : start + HEAD_CHUNK])
            target_logits = logits.gather(1, targets[start : start + HEAD_CHUNK, None])[:, 0]
            chunks.append(target_logits - logits.logsumexp(dim=1))
        return torch.cat(chunks)

    @torch.inference_mode()
    def _check_head(self) -> None:
        """Raise InputError if the model changes its logits in a way that this class does not."""
        probe = torch.arange(1, 5, device=self.model.device)[None]
        whole = self.model(input_ids=probe, use_cache=False).logits.float()
        ours = self._logits(self.decoder(input_ids=probe, use_cache=False).last_hidden_state)
        if not torch.allclose(whole, ours.float(), rtol=1e-3, atol=1e-2, equal_nan=True):
            raise InputError(
                f"{type(self.model).__name__} changes its logits in a way that "
                "scripts/icr/scoring/engine.py does not know; add it to Scorer._logits"
            )


def _keys_and_values_only(model: PreTrainedModel) -> bool:
    """Whether the model's cache is copied by copying rows of keys and values.

    This fails if a layer also keeps a recurrent state or an index.
    """
    kinds = {type(layer) for layer in DynamicCache(config=model.config).layers}
    return kinds <= {DynamicLayer, DynamicSlidingWindowLayer}
