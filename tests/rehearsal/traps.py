"""Planted faults that a rehearsal must report: mistakes that a first user meets."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Trap:
    """A planted fault, and what the workflow's error must name."""

    what: str
    target: str
    """The target to build, which needs the failing job."""
    words: Sequence[str]
    """Words that must occur in the failing job's log or in Snakemake's output."""


MODEL = "resources/models/llama-3-8b-sft-dpo"
SAMPLES = "results/paper/samples/llama-3-8b-sft-dpo/ultrafeedback/de/0000.parquet"
TRAPS = {
    "missing-shard": Trap(
        "a file of a model's weights is missing in the hub folder",
        MODEL,
        ("model-00001-of-", "model.safetensors.index.json"),
    ),
    "missing-layer": Trap(
        "a model's settings have one more layer than its weights",
        SAMPLES,
        ("layers.2",),
    ),
    "no-turn-end": Trap(
        "a model never ends its turn, so every response is truncated",
        SAMPLES,
        ("turn",),
    ),
    "old-driver": Trap(
        "jobs request GPUs as in the paper, but torch can use none",
        SAMPLES,
        ("GPUs", "compute.gpus"),
    ),
    "no-key": Trap(
        "the judges' key is not set",
        "results/paper/xalpacaeval/gpt-4o-mini/de/annotations.json",
        ("OPENAI_API_KEY",),
    ),
}


def named(checkout: Path, output: str, trap: Trap) -> bool:
    """Whether a failed run's output or one of its logs contains the trap's words."""
    logs = [log for part in ("resources", "results") for log in checkout.glob(f"{part}/**/*.log")]
    texts = [output, *(log.read_text(encoding="utf-8", errors="replace") for log in logs)]
    return any(all(word in text for word in trap.words) for text in texts)
