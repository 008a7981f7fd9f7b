"""The numbers that jobs are sized by where nothing was measured, each with its source.

They hold for an A100 with 80 GB; none was measured by this project on that GPU. ``snakemake
calibrate`` measures the site's own (:mod:`icr.cluster.measurement`).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A number, what it is, and where it comes from."""

    value: float
    shown: str
    """The number with its unit."""
    meaning: str
    source: str


A100 = {
    "decode": Rate(
        128e12,
        "128 TFLOP/s",
        "sampling with many responses in flight: 8,000 tokens/s from 8 billion weights",
        "simulated with log-normal lengths: 7,400 tokens/s with 5,000 responses in flight and "
        "5,700 with 1,000, the wait for the last of them included; for "
        "Llama-3-8B, NVIDIA/TensorRT-LLM issue 2648 quotes 6,553 and reaches 5,500",
    ),
    "bandwidth": Rate(
        1.6e12,
        "1.6 TB/s",
        "reading all weights for one token, while the last response of a chunk ends",
        "four fifths of the 2.04 TB/s of the data sheet; agrees with the simulation above",
    ),
    "float64": Rate(
        5e12,
        "5 TFLOP/s",
        "one response at a time in float64, for the noise floor of float32",
        "a quarter of the 19.5 TFLOP/s of the data sheet",
    ),
    "float32": Rate(
        10e12,
        "10 TFLOP/s",
        "a forward pass in float32",
        "half of the 19.5 TFLOP/s of the data sheet",
    ),
    "bfloat16": Rate(
        120e12,
        "120 TFLOP/s",
        "a forward pass in bfloat16 or float16",
        "two fifths of the 312 TFLOP/s of the data sheet; float16 takes 0.93 to 0.99 times as long "
        "as bfloat16 (verl-project/verl issue 6280)",
    ),
    "auto": Rate(
        100e12,
        "100 TFLOP/s",
        "scoring with float16 products, float32 accumulation and residual stream",
        "five sixths of float16, because activations take twice the bytes",
    ),
    "training": Rate(
        120e12,
        "120 TFLOP/s",
        "training in bfloat16, recomputed forward pass included, without waiting",
        "29% of peak without the recomputation; open-instruct's DPO reaches 22% with packing "
        "(allenai/open-instruct pull request 1466), a proposal 32% (pull request 1720)",
    ),
    "libraries": Rate(
        60.0,
        "60 s",
        "importing libraries from a shared file system, and a GPU's context",
        "assumed; vLLM took 25 s to import and start on a CPU, from a local disk",
    ),
    "engine": Rate(
        90.0,
        "90 s",
        "vLLM's engine: memory profile, compilation, CUDA graphs",
        "39 s for Llama-3-8B (vllm-project/vllm pull request 11005); 2 to 3 minutes with libraries "
        "and weights are usual",
    ),
    "launch": Rate(
        60.0,
        "60 s",
        "accelerate and DeepSpeed in several processes, the optimizer's state",
        "assumed; 15 to 25 s were measured for DeepSpeed alone on CPUs",
    ),
    "disk": Rate(
        1e9,
        "1 GB/s",
        "reading weights, writing policies and checkpoints on a shared file system",
        "assumed; between 0.3 and 5 GB/s stand in logs of vLLM (castorini/rank_llm pull request "
        "426, vllm-project/vllm issue 20264)",
    ),
}
"""Numbers for one A100 with 80 GB."""
A100["float16"] = A100["bfloat16"]

THREAD = {
    "decode": Rate(
        5.5e10,
        "55 GFLOP/s",
        "sampling on one CPU thread",
        "SmolLM2-135M: 200 tokens/s",
    ),
    "forward": Rate(
        1e11,
        "100 GFLOP/s",
        "a forward pass on one CPU thread",
        "a quarter of SmolLM2-135M's 1,463 tokens/s in bfloat16, which few CPUs compute in",
    ),
    "training": Rate(
        8e10,
        "80 GFLOP/s",
        "training on one CPU thread",
        "SmolLM2-135M: 13 s for four pairs of length 256 on two threads",
    ),
    "start": Rate(
        30.0,
        "30 s",
        "importing libraries and loading a model",
        "vLLM took 25 s to import and start, transformers less",
    ),
}
"""Numbers for one CPU thread."""

WAITING: Mapping[str, Mapping[int, float]] = {
    "padded": {1: 1.27, 2: 1.60, 4: 1.98, 8: 2.39},
    "balanced": {1: 1.00, 2: 1.01, 4: 1.05, 8: 1.25},
}
"""Time of a training step over that of perfectly shared work, by batching and processes.

``padded``: micro-batches of one pair, padded to its longer response, after each of which all
processes wait for the slowest. ``balanced``: pairs of a global batch of 16 dealt out by length,
without padding, one wait a step. benchmarks/training_balance.py simulates both.
"""
WAITING_SOURCE = "simulated with log-normal lengths (benchmarks/training_balance.py)"


def waiting(batching: str, processes: int) -> float:
    """The factor of the largest simulated number of processes up to this one."""
    factors = WAITING[batching]
    return factors[max(n for n in factors if n <= processes)]
