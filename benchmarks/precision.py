"""Each arithmetic of scoring: the noise that it adds to rewards beside what it costs in time.

SmolLM2 and a policy of six DPO steps: noise over the spread of the rewards within a prompt, the
best and worst responses that are also those of float32 (icr.scoring.guard), and the rate of scoring
and of one linear layer. On a CPU float16 and two-part products are emulated: their noise is that
of a GPU but for the order of sums, their time is not.
"""

import tempfile
import time
from pathlib import Path

import aligned
import numpy as np
import torch

from icr.models.load import device, load_tokenizer
from icr.scoring.arithmetic import load_for, multiplying
from icr.scoring.engine import Row, Scorer
from icr.scoring.guard import check
from icr.scoring.kinds import RELATIVE_SPEED

LAYER = {"cpu": (128, 576, 1536), "cuda": (16_384, 4096, 14_336)}
"""Tokens, inputs and outputs of the linear layer: those of SmolLM2, and of 8 billion weights."""


def scored(folder, arithmetic):
    """Scores of all responses of shape (responses,), and tokens of responses a second."""
    texts = aligned.rows(load_tokenizer(folder))
    prompts = list(dict.fromkeys(tuple(prompt) for prompt, _ in texts))
    rows = [Row(prompts.index(tuple(prompt)), response) for prompt, response in texts]
    model = load_for(folder, arithmetic)
    with multiplying(model, arithmetic):
        scorer = Scorer(model, 16_384)
        scorer.score(prompts[:1], rows[:1])  # warm-up
        start = time.perf_counter()
        scores = scorer.score(prompts, rows)
        seconds = time.perf_counter() - start
    return np.array(scores), sum(len(row.ids) for row in rows) / seconds


def layer_rate(arithmetic, repeats=5):
    """FLOP a second of one linear layer, casts included."""
    where = device()
    tokens, inputs, outputs = LAYER[where.type]
    stored = torch.float32 if arithmetic == "float32" else torch.bfloat16
    flowing = torch.bfloat16 if arithmetic == "bfloat16" else torch.float32
    layer = torch.nn.Linear(inputs, outputs, bias=False).to(where, stored)
    activations = torch.randn(tokens, inputs, device=where, dtype=flowing)
    seconds = []
    with torch.inference_mode(), multiplying(layer, arithmetic):
        for _ in range(repeats + 1):  # the first is a warm-up
            start = time.perf_counter()
            layer(activations)
            if where.type == "cuda":
                torch.cuda.synchronize()
            seconds.append(time.perf_counter() - start)
    return 2 * tokens * inputs * outputs / min(seconds[1:])


def main():
    """Print a row an arithmetic."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as work:
        reference, policy = Path(work) / "reference", Path(work) / "policy"
        aligned.smollm2(reference)
        aligned.align(reference, policy)
        ids = [prompt for prompt, texts in aligned.RESPONSES.items() for _ in texts]
        results = {name: [scored(folder, name) for folder in (policy, reference)]
                   for name in RELATIVE_SPEED}  # fmt: skip
    exact = results["float32"][0][0] - results["float32"][1][0]
    rates = {name: layer_rate(name) for name in RELATIVE_SPEED}
    print(f"arithmetic of scoring on {device()}, SmolLM2, {len(ids)} responses; emulated on a CPU")
    print("                     noise/spread  extremes kept  tokens/s  layer, GFLOP/s  expected")
    for name, ((ours, rate), (theirs, _)) in results.items():
        found = check(ids, ours - theirs, exact)
        print(
            f"  {name:<18} {found['ratio']:13.2%}  {found['kept']:6d} of {found['extremes']}  "
            f"{rate:9.0f}  {rates[name] / 1e9:14.1f}  {RELATIVE_SPEED[name]:8.2f}"
        )
    print("  expected: rate on a GPU over bfloat16's (icr.scoring.kinds), not measured")


if __name__ == "__main__":
    main()
