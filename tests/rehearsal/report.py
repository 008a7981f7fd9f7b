"""What a rehearsal is not: the list that it ends with."""

from collections.abc import Sequence

from rehearsal.stage import CONFIGS

BESIDES = (
    "models: tiny ones with random weights that write letters, in their families' layouts: chat "
    "template, control tokens, ends, shards with an index; one token a byte; no SentencePiece file",
    "hub: a folder, as on an offline cluster, and no server; no commits, no gated models",
    "repositories: an HTTP server on the loopback, with a few made-up rows under the real paths; "
    "config/upstream-files.tsv lists the blob ids of these",
    "judges: one server on the loopback under all names, with one made-up key if there is a key; "
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


def told_differences(changes: Sequence[tuple[str, str]], run: str) -> list[str]:
    """Lines for a reader: changed settings by kind, then what no setting says."""
    lines = [f"What differs from the real thing. Settings of {CONFIGS[run]}:"]
    for kind in dict.fromkeys(kind for kind, _ in changes):
        lines += [f"  {kind}: {change}" for other, change in changes if other == kind]
    return [*lines, "Besides:", *(f"  {text}" for text in (*BESIDES, *OF_THE_RUN[run]))]
