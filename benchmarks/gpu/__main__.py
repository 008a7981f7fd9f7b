"""Measure all parts, print their tables and the goals, and write a JSON file.

It works offline. What is missing on the machine is left out, and the table says so.
"""

import argparse
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import torch
from benchmarks.gpu import PARTS
from benchmarks.gpu.case import CASES
from benchmarks.gpu.goals import judged
from benchmarks.gpu.table import table, verdicts

from icr.cluster.memory import PeakMemory
from icr.storage.project import project_state

ROOT = Path(__file__).resolve().parents[2]
VLLM = ROOT / ".venv-gpu-vllm/bin/python"
"""An environment with vLLM, where this one has none."""


def arguments(words=None):
    """The command line."""
    parser = argparse.ArgumentParser(prog="make bench-gpu", description=__doc__)
    parser.add_argument("--shape", choices=CASES, default="llama-3-8b")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--out", type=Path, default=ROOT / "results/bench-gpu.json")
    parser.add_argument(
        "--scratch", type=Path, help="folder for 60 GB (default: a temporary folder)"
    )
    parser.add_argument("--vllm-python", type=Path, help="interpreter of an environment with vLLM")
    return parser.parse_args(words)


def main(words=None):
    """Run the parts; each figure is kept even if a later one fails."""
    asked = arguments(words)
    toy = asked.device == "cpu" and asked.shape == "tiny"
    if not toy and (asked.device == "cpu" or not torch.cuda.is_available()):
        sys.exit(
            "Error: bench-gpu needs a GPU that torch can use, and has none; "
            "`--shape tiny --device cpu` tries the command on a CPU"
        )
    result = {"gpu": gpu_name(asked.device), "shape": asked.shape, **project_state(), "parts": {}}
    if asked.scratch:
        asked.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-gpu-", dir=asked.scratch) as work:
        for parts in processes(asked):
            result["parts"] |= run(parts, asked, Path(work))
            result["goals"] = goals(result["parts"], CASES[asked.shape].toy)
            asked.out.parent.mkdir(parents=True, exist_ok=True)
            asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
            for part in [part for part in parts if part != "model"]:
                columns = importlib.import_module(f"benchmarks.gpu.{part}").COLUMNS
                print(*table(part, columns, result["parts"][part]["rows"]), sep="\n", flush=True)
    print(*verdicts(result["goals"]), sep="\n")
    print(f"{result['gpu']}, {asked.shape}; figures in {asked.out}")


def processes(asked):
    """The parts of each process. A GPU is left to one part at a time."""
    written = asked.shape == "tiny" or set(asked.only) != {"noise"}
    parts = ["model", *asked.only] if written else list(asked.only)
    if asked.device == "cuda":
        return [[part] for part in parts]
    return [list(group) for _, group in groupby(parts, lambda part: interpreter(part, asked))]


def run(parts, asked, work):
    """Versions and rows of each part, measured in one process."""
    scratch = work / parts[0]
    scratch.mkdir(exist_ok=True)
    file = scratch / "rows.jsonl"
    words = [",".join(parts), asked.shape, str(work / "weights"), str(scratch), str(file)]
    visible = {"CUDA_VISIBLE_DEVICES": ""} if asked.device == "cpu" else {}
    environment = {**os.environ, **visible, "HF_HUB_OFFLINE": "1"}
    command = [interpreter(parts[0], asked), "-m", "benchmarks.gpu.part", *words]
    # Standard output is for tables.
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=sys.stderr)
    results = {part: {"versions": {}, "rows": []} for part in parts}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        row = json.loads(line)
        part = results[row.pop("part")]
        if "versions" in row:
            part |= row
        else:
            part["rows"].append(row)
    shutil.rmtree(scratch)
    if done.returncode:
        reason = f"the process ended with code {done.returncode}; its messages are above"
        results[parts[-1]]["rows"].append({"name": "the rest", "not_measured": reason})
    return results


def interpreter(part, asked):
    """The Python of a part: sampling may need that of another environment."""
    if part == "sampling" and asked.vllm_python:
        return str(asked.vllm_python)
    if part == "sampling" and not find_spec("vllm") and VLLM.exists() and asked.device == "cuda":
        return str(VLLM)
    return sys.executable


def goals(parts, toy):
    """All goals with their verdicts."""
    reason = "toy sizes" if toy else None
    return [
        judged(goal, parts[part]["rows"] if part in parts else [], reason)
        for part in PARTS
        for goal in importlib.import_module(f"benchmarks.gpu.{part}").GOALS
    ]


def gpu_name(device):
    """The GPU's name, from nvidia-smi: the process must leave the GPU to its parts."""
    if device == "cpu":
        return "CPU"
    with PeakMemory(gpus=1) as peak:
        pass
    return peak.name or "an unknown GPU"


if __name__ == "__main__":
    main()
