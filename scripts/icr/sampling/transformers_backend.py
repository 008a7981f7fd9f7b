"""Sampling with transformers' ``generate``, for CPUs and small models."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import (
    DynamicCache,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from icr.models.chat import pad_id
from icr.models.load import load_model, load_tokenizer
from icr.models.turn_ends import end_ids
from icr.sampling.interface import BackendOptions, Sample, Sampler, SamplingSettings
from icr.sampling.room import room


class InverseCdf(LogitsProcessor):
    """Draws one token per row by inverting the cumulative distribution at the row's own uniform.

    ``uniforms`` has shape (rows, max_tokens). The drawn token's logit becomes 0 and all others
    −inf, so that greedy decoding selects it. As each row has its own random numbers, its draws do
    not depend on the other rows of the batch.
    """

    def __init__(self, uniforms: torch.Tensor, prompt_length: int) -> None:
        self.uniforms, self.prompt_length = uniforms, prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Replace scores of shape (rows, vocabulary)."""
        step = input_ids.shape[1] - self.prompt_length
        cumulative = torch.softmax(scores.float(), dim=-1).double().cumsum(dim=-1)
        target = self.uniforms[:, step : step + 1] * cumulative[:, -1:]
        drawn = torch.searchsorted(cumulative, target, right=True)
        drawn = drawn.clamp_(max=scores.shape[-1] - 1)
        return torch.full_like(scores, -torch.inf).scatter_(1, drawn, 0.0)


class DrawnLogprobs(LogitsProcessor):
    """Records the log-probability of each drawn token, before temperature and truncation.

    It is the first processor and sees the unmodified logits; the token drawn from them is known
    at the next step.
    """

    def __init__(self) -> None:
        self.steps: list[torch.Tensor] = []
        self._logits: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Record the tokens of the last step; return scores, (rows, vocabulary), unchanged."""
        self._record(input_ids[:, -1])
        self._logits = scores
        return scores

    def finish(self, last: torch.Tensor) -> torch.Tensor:
        """Log-probabilities of shape (rows, steps); ``last`` holds the tokens of the last step."""
        self._record(last)
        return torch.stack(self.steps, dim=1)

    def _record(self, tokens: torch.Tensor) -> None:
        if self._logits is not None:
            logprobs = torch.log_softmax(self._logits.float(), dim=-1)
            self.steps.append(logprobs.gather(1, tokens[:, None])[:, 0])


class RowLimits(StoppingCriteria):
    """Ends each row at its own limit; ``limits`` are numbers of new tokens, one per row."""

    def __init__(self, limits: torch.Tensor, prompt_length: int) -> None:
        self.limits, self.prompt_length = limits, prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: object, **_: object) -> torch.Tensor:
        """True for rows that are complete, shape (rows,)."""
        return input_ids.shape[1] - self.prompt_length >= self.limits


class TransformersSampler(Sampler):
    """Generates batches of whole prompts with left padding.

    Padding changes the last bits of the arithmetic, so a rare draw may depend on the composition
    of the batch. Callers that resume keep the composition fixed.
    """

    def __init__(
        self, folder: str | Path, settings: SamplingSettings, options: BackendOptions
    ) -> None:
        self.settings, self.options = settings, options
        tokenizer = load_tokenizer(folder)
        self.pad, self.ends = pad_id(tokenizer), end_ids(folder, tokenizer)
        self.room = room(folder, options.max_model_len)
        self.model = load_model(folder, options.precision)

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        temperatures: Sequence[float] | None = None,
    ) -> list[list[Sample]]:
        """See the interface. A batch has ``options.batch`` rows, rounded down to whole prompts.

        A batch has one temperature and prompts of similar length, as padding costs as much as
        tokens.
        """
        batch_keys = self._batch_keys(prompts, temperatures)
        step = max(1, self.options.batch // self.settings.n)
        groups: list[list[Sample]] = [[] for _ in prompts]
        for batch_key in sorted(set(batch_keys)):
            indices = [index for index, key in enumerate(batch_keys) if key == batch_key]
            indices.sort(key=lambda index: len(prompts[index]))
            for i in range(0, len(indices), step):
                batch = indices[i : i + step]
                answers = self._batch(
                    [prompts[p] for p in batch], [seeds[p] for p in batch], batch_key[0]
                )
                for index, answer in zip(batch, answers, strict=True):
                    groups[index] = answer
        return groups

    def _batch_keys(
        self, prompts: Sequence[Sequence[int]], temperatures: Sequence[float] | None
    ) -> list[tuple[float, int]]:
        """What the prompts of a batch have in common: the temperature, and sometimes the limit.

        Complete rows are padded until the batch ends. With positions from a table (no rotary
        embeddings) they would run past its end, so all rows of a batch have the same limit there.
        """
        limits = self.room.limits(prompts, self.settings.max_tokens)
        rotary = getattr(self.model.config.get_text_config(), "rope_parameters", None)
        return [
            (temperature, 0 if rotary else limit)
            for temperature, limit in zip(
                temperatures or [self.settings.temperature] * len(prompts), limits, strict=True
            )
        ]

    @torch.inference_mode()
    def _batch(
        self, prompts: Sequence[Sequence[int]], seeds: Sequence[int], temperature: float
    ) -> list[list[Sample]]:
        n, width = self.settings.n, max(map(len, prompts))
        limits = [
            limit for limit in self.room.limits(prompts, self.settings.max_tokens) for _ in range(n)
        ]
        ids = torch.full((len(prompts), width), self.pad)
        mask = torch.zeros_like(ids)
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :] = torch.tensor(prompt)
            mask[row, width - len(prompt) :] = 1
        drawn = DrawnLogprobs()
        out = self.model.generate(
            input_ids=ids.repeat_interleave(n, 0).to(self.model.device),
            attention_mask=mask.repeat_interleave(n, 0).to(self.model.device),
            past_key_values=self._cache(ids, mask),
            logits_processor=LogitsProcessorList(
                [drawn, *self._processors(seeds, width, temperature)]
            ),
            do_sample=False,
            # These override the model's own generation settings.
            num_beams=1,
            repetition_penalty=1.0,
            no_repeat_ngram_size=0,
            max_new_tokens=max(limits),
            stopping_criteria=StoppingCriteriaList(
                [RowLimits(torch.tensor(limits, device=self.model.device), width)]
            ),
            pad_token_id=self.pad,
            eos_token_id=self.ends,
        )
        logprobs = drawn.finish(out[:, -1]).double()
        rows = [
            self._sample(row[:limit], logprobs[i])
            for i, (row, limit) in enumerate(zip(out[:, width:].tolist(), limits, strict=True))
        ]
        return [rows[i : i + n] for i in range(0, len(rows), n)]

    def _cache(self, ids: torch.Tensor, mask: torch.Tensor) -> DynamicCache | None:
        """The cache of all prompts without their last token, computed once for all n responses.

        None if the model's cache holds more than keys and values, or if the prompts have one token
        and leave nothing to compute; ``generate`` then reads each prompt n times.
        """
        cache = DynamicCache(config=self.model.config)
        # Hybrid layers are subclasses of these that also hold a state.
        simple = all(type(la) in (DynamicLayer, DynamicSlidingWindowLayer) for la in cache.layers)
        if not simple or ids.shape[1] < 2:
            return None
        before = mask[:, :-1].to(self.model.device)
        self.model(
            input_ids=ids[:, :-1].to(self.model.device),
            attention_mask=before,
            position_ids=(before.cumsum(1) - 1).clamp(min=0),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache.batch_repeat_interleave(self.settings.n)
        return cache

    def _processors(
        self, seeds: Sequence[int], width: int, temperature: float
    ) -> list[LogitsProcessor]:
        s = self.settings
        if temperature == 0:
            return []
        uniforms = np.stack(
            [
                np.random.default_rng([seed, index]).random(s.max_tokens)
                for seed in seeds
                for index in range(s.n)
            ]
        )
        warpers: list[LogitsProcessor] = [TemperatureLogitsWarper(temperature)]
        if s.top_k:
            warpers.append(TopKLogitsWarper(s.top_k))
        if s.top_p < 1:
            warpers.append(TopPLogitsWarper(s.top_p))
        draw = InverseCdf(torch.from_numpy(uniforms).to(self.model.device), width)
        return [*warpers, draw]

    def _sample(self, row: list[int], logprobs: torch.Tensor) -> Sample:
        """``row`` up to its end token, with the sum of its ``logprobs``, of shape (steps,)."""
        end = next((step + 1 for step, token in enumerate(row) if token in self.ends), None)
        ids = row[:end]
        return Sample(ids, "length" if end is None else "stop", float(logprobs[: len(ids)].sum()))
