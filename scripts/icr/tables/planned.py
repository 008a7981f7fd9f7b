"""What the plan expected of each job when it was started, for the report's comparison."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from icr.storage.files import read_json, write_json

PLANNED = "planned.json"
"""Beside Snakemake's benchmark files."""


def keep_planned(jobs: Iterable[Any], folder: str) -> None:
    """Record the expected seconds and the GPUs of Snakemake's jobs that are about to run.

    By the name of the job's benchmark file below ``folder``, without its suffix. What earlier
    starts recorded of other jobs stays.
    """
    planned = {}
    for job in jobs:
        if not job.benchmark or not Path(job.benchmark).is_relative_to(folder):
            continue
        seconds, gpus = (job.resources.get(name) for name in ("expected_seconds", "gpu"))
        if seconds is not None:
            key = Path(job.benchmark).relative_to(folder).with_suffix("").as_posix()
            planned[key] = [int(seconds), int(gpus)]
    if planned:
        write_json({**read_planned(folder), **planned}, Path(folder) / PLANNED)


def read_planned(folder: str | Path) -> dict[str, tuple[int, int]]:
    """What :func:`keep_planned` recorded: seconds and GPUs by job; empty without a record."""
    file = Path(folder) / PLANNED
    return {job: tuple(row) for job, row in read_json(file).items()} if file.exists() else {}
