"""Seconds and memory of work on a GPU, the rate of its matrix products, and FLOP of a model."""

import gc
import time

import torch

PEAKS = {"A100": 312e12, "H100 80GB HBM3": 989e12, "H200": 989e12}
"""FLOP a second in bfloat16 without sparsity, from data sheets, by a part of the GPU's name."""


def seconds(work):
    """What ``work()`` returns, and how long it took."""
    synchronize()
    start = time.perf_counter()
    result = work()
    synchronize()
    return result, time.perf_counter() - start


def synchronize():
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def forget():
    """Free the memory of what was deleted, and count the largest memory anew."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def peak_gb():
    """Largest memory of tensors since :func:`forget`, in GB; None on a CPU."""
    return torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else None


def data_sheet():
    """The peak of this GPU in bfloat16, FLOP a second; None where it is not known."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    return next((peak for part, peak in PEAKS.items() if part in name), None)


def matmul_rate(dtype, size, tf32=False, repeats=10):
    """FLOP a second of a square matrix product on random numbers."""
    where = "cuda" if torch.cuda.is_available() else "cpu"
    left, right = (torch.randn(size, size, device=where).to(dtype) for _ in range(2))
    torch.set_float32_matmul_precision("high" if tf32 else "highest")
    try:
        for _ in range(3):
            left @ right
        _, spent = seconds(lambda: [left @ right for _ in range(repeats)])
    finally:
        torch.set_float32_matmul_precision("highest")
    return repeats * 2 * size**3 / spent


def forward_flop(sizes, rows):
    """FLOP of a forward pass. ``sizes`` are those of the model (benchmarks.gpu.case).

    ``rows`` holds, for each run of tokens: how many stand before it and are attended to, how many
    it has, and to how many of these the head is applied.
    """
    hidden, heads = sizes["hidden_size"], sizes["num_attention_heads"]
    shared = 2 * hidden * sizes["num_key_value_heads"] // heads
    layer = hidden * (2 * hidden + shared + 3 * sizes["intermediate_size"])
    total = 0
    for before, tokens, scored in rows:
        attended = before * tokens + tokens * (tokens + 1) // 2
        total += sizes["num_hidden_layers"] * (2 * layer * tokens + 4 * hidden * attended)
        total += 2 * hidden * sizes["vocab_size"] * scored
    return total
