"""The list of differences from a real run with which a rehearsal ends."""

from collections.abc import Sequence

OTHER = (
    "models: tiny, with random weights that write letters, in their families' layouts: chat "
    "template, control tokens, turn ends, shards; one token per byte; no SentencePiece file",
    "hub: a folder, as on an offline cluster, not a server; no commits, no gated models",
    "repositories: an HTTP server on the loopback, with a few invented rows under the real paths, "
    "whose blob ids are in config/upstream-files.tsv",
    "judges: one server on the loopback under both names, with an invented key; a hash of the "
    "question decides the verdict",
    "training: DeepSpeed ZeRO-2 in two processes on CPUs instead of eight GPUs, for a step or two",
    "sampling: transformers on a CPU, and one block on vLLM's CPU build",
    "jobs: processes on this machine in one environment, without SLURM and conda",
)


def describe_differences(changes: Sequence[tuple[str, str]]) -> list[str]:
    """Lines that list changed settings by kind, then other differences."""
    lines = ["Differences from a real run. Settings of config/config.yaml:"]
    for kind in dict.fromkeys(kind for kind, _ in changes):
        lines += [f"  {kind}: {change}" for other, change in changes if other == kind]
    return [*lines, "Other differences:", *(f"  {text}" for text in OTHER)]
