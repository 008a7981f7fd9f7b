"""The list of differences from a real run with which a rehearsal ends."""

from collections.abc import Sequence

from rehearsal.stage import CONFIGS

OTHER = (
    "models: tiny ones with random weights that write letters, in their families' layouts: chat "
    "template, control tokens, ends, shards with an index; one token a byte; no SentencePiece file",
    "hub: a folder, as on an offline cluster, and no server; no commits, no gated models",
    "repositories: an HTTP server on the loopback, with a few invented rows under the real paths; "
    "config/upstream-files.tsv lists the blob ids of these",
    "judges: one server on the loopback under all names, with one invented key if there is a key; "
    "verdicts are drawn from the question's hash",
    "training: a step or two on CPUs",
    "sampling: transformers on a CPU",
    "jobs: processes of this machine in one environment, without SLURM and conda",
)
OF_THE_RUN = {
    "paper": (
        "training: DeepSpeed ZeRO-2 in two processes instead of eight",
        "sampling: one block besides by vLLM's CPU build",
    ),
    "one-gpu": ("judge: no model is served",),
}


def describe_differences(changes: Sequence[tuple[str, str]], run: str) -> list[str]:
    """Lines that list changed settings by kind, then other differences."""
    lines = [f"Differences from a real run. Settings of {CONFIGS[run]}:"]
    for kind in dict.fromkeys(kind for kind, _ in changes):
        lines += [f"  {kind}: {change}" for other, change in changes if other == kind]
    return [*lines, "Other differences:", *(f"  {text}" for text in (*OTHER, *OF_THE_RUN[run]))]
