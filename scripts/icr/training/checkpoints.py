"""Which checkpoint a training goes on from."""

import shutil
from pathlib import Path

COMPLETE = "complete"
"""Marks a checkpoint that all processes wrote to its end."""


def newest_checkpoint(work: Path) -> str | None:
    """The newest complete checkpoint; removes those that a kill left incomplete."""
    complete = []
    for path in work.glob("checkpoint-*"):
        if (path / COMPLETE).exists():
            complete.append(path)
        else:
            shutil.rmtree(path)
    return str(max(complete, key=lambda path: int(path.name.split("-")[1]))) if complete else None
