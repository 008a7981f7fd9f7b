"""When a training writes a checkpoint, which one it keeps, and which it goes on from."""

import shutil
import time
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import broadcast
from transformers import TrainerCallback

COMPLETE = "complete"
"""Marks a checkpoint that all processes wrote to its end."""


class TimedCheckpoints(TrainerCallback):
    """Asks for a checkpoint when so many minutes have passed since the last; none at the end.

    The first process's clock decides for all, which must write at the same step.
    """

    def __init__(self, minutes: float) -> None:
        self.seconds = 60 * minutes

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock."""
        self.since = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Look at it."""
        passed = time.monotonic() - self.since >= self.seconds
        due = broadcast(torch.tensor(int(passed), device=args.device))
        control.should_save = bool(due) and state.global_step < state.max_steps

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clock anew, so that training is never all writing."""
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
    """Mark a checkpoint complete, and remove all others: each is as large as eight policies."""
    (folder / COMPLETE).touch()
    for other in folder.parent.glob("checkpoint-*"):
        if other != folder:
            shutil.rmtree(other)
