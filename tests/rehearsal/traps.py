"""Stand-ins that a rehearsal must stumble over: what a first user has met, one at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Trap:
    """Something wrong with the world, and what the workflow must say of it."""

    what: str
    target: str
    """What a user asks for; it needs the job that stumbles."""
    said: Sequence[str]
    """Words that the failing job's log, or Snakemake itself, must hold."""


MODEL = "resources/models/llama-3-8b-sft-dpo"
SAMPLES = "results/paper/samples/llama-3-8b-sft-dpo/ultrafeedback/de/0000.parquet"
TRAPS = {
    "missing-shard": Trap(
        "a file of a model's weights is missing in the hub folder",
        MODEL,
        ("model-00001-of-", "model.safetensors.index.json"),
    ),
    "missing-layer": Trap(
        "a model's settings name a layer more than its weights have",
        SAMPLES,
        ("layers.2",),
    ),
    "no-turn-end": Trap(
        "a model never ends its turn: every response is cut",
        SAMPLES,
        ("turn",),
    ),
    "old-driver": Trap(
        "jobs ask for GPUs as in the paper, and torch can use none",
        SAMPLES,
        ("GPUs", "compute.gpus"),
    ),
    "no-key": Trap(
        "the judges' key is not set",
        "results/paper/xalpacaeval/gpt-4o-mini/de/annotations.json",
        ("OPENAI_API_KEY",),
    ),
}


def told(checkout: Path, output: str, trap: Trap) -> bool:
    """Whether what a failed run printed and logged holds the trap's words."""
    logs = [log for part in ("resources", "results") for log in checkout.glob(f"{part}/**/*.log")]
    texts = [output, *(log.read_text(encoding="utf-8", errors="replace") for log in logs)]
    return any(all(word in text for word in trap.said) for text in texts)
