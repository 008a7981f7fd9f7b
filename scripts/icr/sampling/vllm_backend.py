"""Sampling with vLLM, the default on GPUs; one engine per job."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.models.load import load_tokenizer
from icr.models.turn_ends import end_ids
from icr.sampling.interface import BackendOptions, Sample, Sampler, SamplingSettings
from icr.sampling.room import room


class VllmSampler(Sampler):
    """One vLLM engine; all ``n`` responses to a prompt share its cache.

    On CPUs the same prompts and seeds in one call give the same responses. On GPUs the arithmetic
    of a row also depends on the rest of its batch, which the engine composes as it runs;
    ``batch_invariant`` removes this dependence.
    """

    def __init__(
        self, folder: str | Path, settings: SamplingSettings, options: BackendOptions
    ) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
        # FlashInfer's sampler is compiled at start-up by nvcc, which a node may lack. It is not
        # used for requests with their own seeds, as all of ours are.
        os.environ.setdefault("VLLM_USE_FLASHINFER_SAMPLER", "0")
        if options.batch_invariant:
            os.environ["VLLM_BATCH_INVARIANT"] = "1"
        from vllm import LLM

        if options.batch_invariant:
            _check_gpu()
        ends = end_ids(folder, load_tokenizer(folder))
        self.room = room(folder, options.max_model_len)
        if self.room.limit is None:
            raise InputError(
                f"the configuration of model {folder} has no context length; set "
                "sampling.options.max_model_len to the maximum tokens of prompt and response"
            )
        self.engine = LLM(
            model=str(Path(folder).resolve()),
            dtype=options.precision,
            tensor_parallel_size=options.tensor_parallel,
            gpu_memory_utilization=options.gpu_memory,
            max_model_len=self.room.limit,
            enforce_eager=options.enforce_eager,
            trust_remote_code=False,
            generation_config="vllm",  # ignore the generation settings in the folder
        )
        self.settings, self.ends = settings, set(ends)

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        temperatures: Sequence[float] | None = None,
    ) -> list[list[Sample]]:
        """See the interface; all prompts go into the engine at once."""
        answers = dict(self._finished(prompts, seeds, temperatures))
        return [answers[number] for number in range(len(prompts))]

    def finish(
        self, prompts: Sequence[Sequence[int]], seeds: Sequence[int]
    ) -> Iterator[tuple[int, list[Sample]]]:
        """See the interface; all prompts are in the engine's queue from the beginning."""
        return self._finished(prompts, seeds, None)

    def _finished(
        self,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        temperatures: Sequence[float] | None,
    ) -> Iterator[tuple[int, list[Sample]]]:
        from vllm import SamplingParams, TokensPrompt

        limits = self.room.limits(prompts, self.settings.max_tokens)
        params = [
            SamplingParams(**self._params(seed, limit, temperature))
            for seed, limit, temperature in zip(
                seeds,
                limits,
                temperatures or [self.settings.temperature] * len(seeds),
                strict=True,
            )
        ]
        # The loop of LLM.generate, which gives nothing back before the last prompt is answered.
        engine = self.engine.llm_engine
        for number, prompt in enumerate(prompts):
            tokens = TokensPrompt(prompt_token_ids=list(prompt))
            engine.add_request(str(number), tokens, params[number])
        while engine.has_unfinished_requests():
            for request in engine.step():
                if request.finished:
                    ordered = sorted(request.outputs, key=lambda output: output.index)
                    yield int(request.request_id), [self._sample(out) for out in ordered]

    def _params(self, seed: int, limit: int, temperature: float) -> dict[str, Any]:
        """Keywords of vLLM's SamplingParams for one prompt; ``limit`` counts response tokens."""
        from vllm.sampling_params import RequestOutputKind

        return {
            "n": self.settings.n,
            "temperature": temperature,
            "top_p": self.settings.top_p,
            "top_k": self.settings.top_k,
            "max_tokens": limit,
            "seed": seed % 2**32,
            "stop_token_ids": sorted(self.ends),
            "detokenize": False,
            "logprobs": 0,  # of the drawn tokens alone, before temperature and limits
            "output_kind": RequestOutputKind.FINAL_ONLY,
        }

    def _sample(self, output: object) -> Sample:
        ids = list(output.token_ids)  # type: ignore[attr-defined]
        stopped = bool(ids) and ids[-1] in self.ends
        logprob = float(output.cumulative_logprob)  # type: ignore[attr-defined]
        return Sample(ids, "stop" if stopped else "length", logprob)

    def close(self) -> None:
        """Shut down the engine, so that another can start in this process."""
        del self.engine


def _check_gpu() -> None:
    """Raise InputError unless the GPU supports vLLM's batch-invariant mode."""
    from vllm.platforms import current_platform

    if not current_platform.has_device_capability(80):
        raise InputError(
            "sampling.options.batch_invariant needs a GPU of compute capability 8.0 or newer "
            "(A100, H100, …), and this node has none; leave it out (on CPUs samples are "
            "reproducible without it)"
        )
