"""One sampling job of the rehearsed configuration on vLLM's CPU build."""

import json
from pathlib import Path

from vllm_cpu import MISSING, PYTHON, run_program

POLICY, PROMPTS, LANGUAGE = "llama-3-8b-sft-dpo", "ultrafeedback", "ru"

PROGRAM = """
import json, sys
from pathlib import Path

import yaml
from icr.prompts.parallel import read_prompts
from icr.sampling import BackendOptions, SamplingSettings
from icr.sampling.block import sample_block

checkout, policy, prompts, language, output = sys.argv[1:]
config = yaml.safe_load(Path(checkout, "config/config.yaml").read_text(encoding="utf-8"))
settings = {k: v for k, v in config["sampling"].items() if k not in ("backend", "chunk", "options")}
options = {**config["sampling"]["options"], "max_model_len": 4096, "enforce_eager": True}
table = sample_block(
    Path(checkout, "resources/models", policy),
    read_prompts(Path(checkout, "resources/prompts", prompts, f"{language}.jsonl"))[:2],
    output,
    SamplingSettings(**settings),
    "vllm",
    BackendOptions(**options),
    config["sampling"]["chunk"],
    [config["seed"], policy, language],
)
counts = table["finish_reason"].value_counts().to_dict()
print("RESULT" + json.dumps({"rows": len(table), "n": settings["n"], **counts}))
"""


def sampled_by_vllm(checkout: Path) -> list[str]:
    """Sample a block with vLLM from a model of a finished rehearsal; returns what is wrong."""
    if not PYTHON.is_file():
        return [MISSING]
    output = checkout.parent / "vllm.parquet"
    done = run_program(PROGRAM, checkout, POLICY, PROMPTS, LANGUAGE, output)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if not lines:
        return [f"vLLM sampled nothing:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"]
    counts = json.loads(lines[0].removeprefix("RESULT"))
    if counts["rows"] != 2 * counts["n"] or not counts.get("stop"):
        return [f"vLLM returned {counts}, not {2 * counts['n']} responses that end"]
    print(f"vLLM: {counts['rows']} responses, {counts['stop']} of them ended by themselves")
    return []
