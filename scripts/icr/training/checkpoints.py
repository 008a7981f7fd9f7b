"""When training writes a checkpoint, which one it keeps, and from which it resumes."""

import shutil
import time
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import broadcast
from transformers import TrainerCallback

COMPLETE = "complete"
"""File that marks a checkpoint as written by all processes."""


class TimedCheckpoints(TrainerCallback):
    """Requests a checkpoint so many minutes after the last one; none at the end.

    The clock of the first process decides for all, because all must write at the same step.
    """

    def __init__(self, minutes: float) -> None:
        self.seconds = 60 * minutes

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock."""
        self.since = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Request a checkpoint if one is due."""
        elapsed = time.monotonic() - self.since >= self.seconds
        due = broadcast(torch.tensor(int(elapsed), device=args.device))
        control.should_save = bool(due) and state.global_step < state.max_steps

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Restart the clock once a checkpoint is written: slow writes must leave time to train."""
        self.since = time.monotonic()


def newest_checkpoint(work: Path) -> str | None:
    """The newest complete checkpoint; removes those that a kill left incomplete."""
    complete = []
    for path in work.glob("checkpoint-*"):
        if (path / COMPLETE).exists():
            complete.append(path)
        else:
            shutil.rmtree(path)
    return str(max(complete, key=lambda path: int(path.name.split("-")[1]))) if complete else None


def completed(folder: Path) -> None:
    """Mark a checkpoint complete and remove all others, each as large as eight policies."""
    (folder / COMPLETE).touch()
    for other in folder.parent.glob("checkpoint-*"):
        if other != folder:
            shutil.rmtree(other)
