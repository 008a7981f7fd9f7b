"""What a rehearsal is not: the list that it ends with."""

from collections.abc import Sequence

BESIDES = (
    "models: tiny ones with random weights that write letters, in their families' layouts: chat "
    "template, control tokens, ends, shards with an index; one token a byte; no SentencePiece file",
    "hub: a folder, as on an offline cluster, and no server; no commits, no gated models",
    "repositories: an HTTP server on the loopback, with a few made-up rows under the real paths; "
    "config/upstream-files.tsv lists the blob ids of these",
    "judges: one server on the loopback under both names, with one made-up key; verdicts are drawn "
    "from the question's hash",
    "training: DeepSpeed ZeRO-2 in two processes on CPUs instead of eight GPUs; a step or two",
    "sampling: transformers on a CPU; one block besides by vLLM's CPU build",
    "jobs: processes of this machine in one environment, without SLURM and conda",
)


def told_differences(changes: Sequence[tuple[str, str]]) -> list[str]:
    """Lines for a reader: changed settings by kind, then what no setting says."""
    lines = ["What differs from the real thing. Settings of config/config.yaml:"]
    for kind in dict.fromkeys(kind for kind, _ in changes):
        lines += [f"  {kind}: {change}" for other, change in changes if other == kind]
    return [*lines, "Besides:", *(f"  {text}" for text in BESIDES)]
