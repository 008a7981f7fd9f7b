"""Sampling with vLLM: the default on GPUs; one engine a job."""

import os
from collections.abc import Sequence
from pathlib import Path

from icr.models import end_ids, load_tokenizer
from icr.sampling.interface import BackendOptions, Sample, Sampler, SamplingSettings


class VllmSampler(Sampler):
    """One vLLM engine; all ``n`` responses of a prompt share its cache.

    With a seed, the same prompts in one call give the same responses on the same hardware.
    """

    def __init__(
        self, folder: str | Path, settings: SamplingSettings, options: BackendOptions
    ) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
        # FlashInfer's sampler is compiled at the engine's start, by an nvcc that nodes need not
        # have; requests with seeds of their own, as all of ours, do not use it anyway.
        os.environ.setdefault("VLLM_USE_FLASHINFER_SAMPLER", "0")
        from vllm import LLM

        ends = end_ids(folder, load_tokenizer(folder))
        self.engine = LLM(
            model=str(Path(folder).resolve()),
            dtype=options.precision,
            tensor_parallel_size=options.tensor_parallel,
            gpu_memory_utilization=options.gpu_memory,
            max_model_len=options.max_model_len,
            enforce_eager=options.enforce_eager,
            trust_remote_code=False,
            generation_config="vllm",  # only our settings count, not those of the folder
        )
        self.settings, self.ends = settings, set(ends)

    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        temperatures: Sequence[float] | None = None,
    ) -> list[list[Sample]]:
        """See the interface; all prompts go into the engine at once."""
        from vllm import SamplingParams, TokensPrompt

        s = self.settings
        params = [
            SamplingParams(
                n=s.n,
                temperature=temperature,
                top_p=s.top_p,
                top_k=s.top_k,
                max_tokens=s.max_tokens,
                seed=seed % 2**32,
                stop_token_ids=sorted(self.ends),
                detokenize=False,
            )
            for seed, temperature in zip(
                seeds, temperatures or [s.temperature] * len(seeds), strict=True
            )
        ]
        requests = [TokensPrompt(prompt_token_ids=list(prompt)) for prompt in prompts]
        outputs = self.engine.generate(requests, params, use_tqdm=False)
        return [[self._sample(one) for one in output.outputs] for output in outputs]

    def _sample(self, output: object) -> Sample:
        ids = list(output.token_ids)  # type: ignore[attr-defined]
        stopped = bool(ids) and ids[-1] in self.ends
        return Sample(ids, "stop" if stopped else "length")

    def close(self) -> None:
        """Shut the engine down, so that another can start in this process."""
        del self.engine
