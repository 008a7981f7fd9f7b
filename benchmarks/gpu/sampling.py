"""Sampling with vLLM: chunks against all prompts at once, seeded or not, against vLLM alone.

All responses have preset lengths, those to one prompt the same, so that each way does the same
work. The prefix cache is emptied before each.
"""

import time
from importlib.util import find_spec

import psutil
from benchmarks.gpu.goals import Goal

from icr.cluster.calibration import Texts
from icr.sampling.interface import BackendOptions, SamplingSettings
from icr.sampling.vllm_backend import VllmSampler

PLAIN, WHOLE = "vLLM alone, same requests", "all prompts at once"
COLUMNS = {
    "tokens_per_second": ("tokens/s", "{:,.0f}"),
    "over_plain": ("x vLLM alone", "{:.3f}"),
    "seconds": ("seconds", "{:.1f}"),
}
GOALS = [
    Goal(
        "sampling all prompts at once at 95% of the rate of vLLM alone or more",
        WHOLE,
        "over_plain",
        0.95,
    )
]


class PresetLengths(VllmSampler):
    """The workflow's sampler, whose responses to a prompt have the length ``lengths[seed]``."""

    seeded = True

    def _params(self, seed, limit, temperature):
        params = super()._params(seed, limit, temperature)
        length = {"max_tokens": self.lengths[seed], "ignore_eos": True, "stop_token_ids": []}
        return {**params, **length, "seed": params["seed"] if self.seeded else None}


def measure(case):
    """Rows: the start, vLLM alone, and the workflow's ways."""
    if find_spec("vllm") is None:
        yield {"name": "vLLM", "not_measured": "vLLM is missing here; `make env-gpu` installs it"}
        return
    began = psutil.Process().create_time()
    texts, load = Texts(case.folder, case.sampling), case.sampling
    prompts = [texts.prompt() for _ in range(load.prompts)]
    lengths = [len(texts.response()) for _ in prompts]
    options = BackendOptions(
        precision="bfloat16", gpu_memory=0.2 if case.toy else 0.9, enforce_eager=case.toy
    )
    settings = SamplingSettings(n=load.responses, temperature=1.0, max_tokens=load.max_tokens)
    with PresetLengths(case.folder, settings, options) as sampler:
        sampler.lengths = lengths
        sampler.generate(prompts[:1], [0])
        yield {"name": "start, model and first response", "seconds": time.time() - began}
        tokens = load.responses * sum(lengths)
        plain = None
        for name, sample in ways(case.chunk).items():
            sampler.seeded = "unseeded" not in name
            sampler.engine.reset_prefix_cache()
            start = time.perf_counter()
            produced = sample(sampler, prompts)
            spent = time.perf_counter() - start
            assert produced == tokens, f"{name}: {produced} tokens, not the {tokens} preset"
            plain = plain or spent
            yield {
                "name": name,
                "tokens_per_second": tokens / spent,
                "over_plain": plain / spent,
                "seconds": spent,
            }


def ways(chunk):
    """Functions of the sampler and the prompts that return how many tokens were produced."""

    def alone(sampler, prompts):
        from vllm import SamplingParams, TokensPrompt

        params = [SamplingParams(**sampler._params(seed, 0, 1.0)) for seed in range(len(prompts))]
        requests = [TokensPrompt(prompt_token_ids=prompt) for prompt in prompts]
        finished = sampler.engine.generate(requests, params, use_tqdm=False)
        return sum(len(output.token_ids) for request in finished for output in request.outputs)

    def at_once(sampler, prompts, first=0):
        seeds = range(first, first + len(prompts))
        finished = sampler.finish(prompts, seeds)
        return sum(len(sample.response_ids) for _, group in finished for sample in group)

    def chunked(sampler, prompts):
        starts = range(0, len(prompts), chunk)
        return sum(at_once(sampler, prompts[start : start + chunk], start) for start in starts)

    return {
        PLAIN: alone,
        WHOLE: at_once,
        f"chunks of {chunk} prompts": chunked,
        f"{WHOLE}, unseeded": at_once,
    }
