"""Sampling with transformers' ``generate``: for CPUs and small models."""

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
    """Draws a token per row by inverting its cumulative probability at that row's own uniform.

    ``uniforms`` has shape (rows, max_tokens). The drawn token's logit becomes 0 and all others
    −inf, so that a greedy ``generate`` picks it. With a stream of its own, a row's draws do not
    depend on which rows stand beside it.
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
    """Keeps the log-probability of each drawn token, before temperature and limits.

    Stands first among the processors, which see a step's logits and only then draw from them.
    """

    def __init__(self) -> None:
        self.steps: list[torch.Tensor] = []
        self._logits: torch.Tensor | None = None

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Take what the last step drew, and leave scores of shape (rows, vocabulary) alone."""
        self._take(input_ids[:, -1])
        self._logits = scores
        return scores

    def finish(self, last: torch.Tensor) -> torch.Tensor:
        """Log-probabilities of shape (rows, steps); ``last`` holds the tokens of the last step."""
        self._take(last)
        return torch.stack(self.steps, dim=1)

    def _take(self, tokens: torch.Tensor) -> None:
        if self._logits is not None:
            logprobs = torch.log_softmax(self._logits.float(), dim=-1)
            self.steps.append(logprobs.gather(1, tokens[:, None])[:, 0])


class OutOfRoom(StoppingCriteria):
    """Ends each row at a limit of its own; ``limits`` are numbers of new tokens, one a row."""

    def __init__(self, limits: torch.Tensor, prompt_length: int) -> None:
        self.limits, self.prompt_length = limits, prompt_length

    def __call__(self, input_ids: torch.Tensor, scores: object, **_: object) -> torch.Tensor:
        """Which rows are done, of shape (rows,)."""
        return input_ids.shape[1] - self.prompt_length >= self.limits


class TransformersSampler(Sampler):
    """Batches of whole prompts with left padding.

    Padding changes the arithmetic in the last bits, so another composition of the batch may turn
    a rare draw. Callers that resume keep the composition fixed.
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
        """See the interface; ``options.batch`` rows at a time, rounded down to whole prompts.

        A batch has one temperature. Prompts of similar length stand together, as padding costs as
        much as tokens.
        """
        kinds = self._kinds(prompts, temperatures)
        step = max(1, self.options.batch // self.settings.n)
        found: list[list[Sample]] = [[] for _ in prompts]
        for kind in sorted(set(kinds)):
            places = [place for place, one in enumerate(kinds) if one == kind]
            places.sort(key=lambda place: len(prompts[place]))
            for i in range(0, len(places), step):
                batch = places[i : i + step]
                answers = self._batch(
                    [prompts[p] for p in batch], [seeds[p] for p in batch], kind[0]
                )
                for place, answer in zip(batch, answers, strict=True):
                    found[place] = answer
        return found

    def _kinds(
        self, prompts: Sequence[Sequence[int]], temperatures: Sequence[float] | None
    ) -> list[tuple[float, int]]:
        """What prompts of one batch have in common: their temperature, and sometimes their limit.

        Rows that ended go on beside the others. Where positions come from a table, they would leave
        it, so there all rows of a batch have the same limit.
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
        out = self.model.generate(  # type: ignore[operator]
            input_ids=ids.repeat_interleave(n, 0).to(self.model.device),
            attention_mask=mask.repeat_interleave(n, 0).to(self.model.device),
            past_key_values=self._cache(ids, mask),
            logits_processor=LogitsProcessorList(
                [drawn, *self._processors(seeds, width, temperature)]
            ),
            do_sample=False,
            # Whatever the model's own generation settings say, only ours count.
            num_beams=1,
            repetition_penalty=1.0,
            no_repeat_ngram_size=0,
            max_new_tokens=max(limits),
            stopping_criteria=StoppingCriteriaList(
                [OutOfRoom(torch.tensor(limits, device=self.model.device), width)]
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
        """The cache of all prompts but for their last token, computed once for all n responses.

        None where the model's cache is not made of keys and values alone, or prompts of one token
        leave nothing to compute; ``generate`` then reads each prompt n times.
        """
        cache = DynamicCache(config=self.model.config)
        # Hybrid layers are subclasses of these, and hold a state besides.
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
                np.random.default_rng([seed, place]).random(s.max_tokens)
                for seed in seeds
                for place in range(s.n)
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
        """``row`` up to its end token, and ``logprobs``, of shape (steps,), as far."""
        ended = next((place + 1 for place, token in enumerate(row) if token in self.ends), None)
        ids = row[:ended]
        return Sample(ids, "length" if ended is None else "stop", float(logprobs[: len(ids)].sum()))
