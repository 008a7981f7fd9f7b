"""What a run will cost, from a dry run: jobs, GPU-hours and the judges' price."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icr.errors import InputError


@dataclass
class Row:
    """A rule's jobs: how many, on how many GPUs each at most, and what all of them take."""

    jobs: int = 0
    gpus: int = 0
    hours: float = 0.0
    gpu_hours: float = 0.0
    limit: int = 0
    """Minutes of the longest time limit."""
    usd: float = 0.0


def show(
    log: str | Path, snakefile: str, files: Sequence[str], changes: Mapping[str, Any], speed: float
) -> None:
    """Print the plan of a run, and keep it in a file; ``speed`` is that of GPUs over an A100's."""
    whole = dry_run(snakefile, files, changes, "--forceall")
    plan = text(whole, dry_run(snakefile, files, changes), speed)
    Path(log).write_text(f"{plan}\n", encoding="utf-8")
    print(plan)


def dry_run(
    snakefile: str, files: Sequence[str], changes: Mapping[str, Any], *arguments: str
) -> dict[str, Row]:
    """What Snakemake would do for all targets of a configuration, from files and ``--config``.

    Raises InputError with the end of Snakemake's output if it finds no way to do it.
    """
    command = [sys.executable, "-m", "snakemake", "-n", "--nolock", *arguments]
    command += ["--snakefile", snakefile]
    command += ["--configfile", *files] if files else []
    told = [f"{key}={json.dumps(value)}" for key, value in changes.items()]
    command += ["--config", *told] if told else []
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise InputError(done.stdout[-3000:] + done.stderr[-3000:])
    return read(done.stdout + done.stderr)


def read(printed: str) -> dict[str, Row]:
    """The jobs that a dry run of Snakemake lists, by rule, without targets that compute nothing."""
    rows: dict[str, Row] = {}
    rule = None
    for line in printed.splitlines():
        if begins := re.match(r"(?:local)?rule (\w+):$", line):
            rule = begins[1]
        elif rule and line.startswith("    output: "):
            rows.setdefault(rule, Row())
        elif rule and line.startswith("    resources: ") and rule in rows:
            asked = dict(re.findall(r"(\w+)=(\d+)", line))
            row = rows[rule]
            gpus, minutes = int(asked.get("gpu", 0)), int(asked.get("expected_minutes", 0))
            row.jobs += 1
            row.gpus = max(row.gpus, gpus)
            row.hours += minutes / 60
            row.gpu_hours += gpus * minutes / 60
            row.limit = max(row.limit, int(asked.get("runtime", 0)))
            row.usd += int(asked.get("cents", 0)) / 100
            rule = None
    return rows


def text(whole: dict[str, Row], left: dict[str, Row], speed: float) -> str:
    """The plan as a table for the terminal: all jobs of the run, and those not yet done."""
    costly = {name: row for name, row in whole.items() if row.limit or row.usd}
    width = max(map(len, costly), default=4)
    head = f"{'rule':{width}}   jobs   left   GPUs   minutes each   GPU-hours   limit       USD"
    lines = [head, "-" * len(head)]
    for name, row in sorted(costly.items(), key=lambda item: -item[1].gpu_hours):
        undone = left.get(name, Row()).jobs
        each = 60 * row.hours / row.jobs
        lines.append(
            f"{name:{width}} {row.jobs:6} {undone:6} {row.gpus:6} {each:14.0f} "
            f"{row.gpu_hours:11.0f} {row.limit:7} {row.usd:9.2f}"
        )
    short = sum(row.jobs for name, row in whole.items() if name not in costly)
    lines += [
        "-" * len(head),
        f"{short} more run briefly where Snakemake runs: downloads, checks, tables, figures",
        f"in all: {_sum(whole.values())}",
        f"left:   {_sum(left.values())}",
        "Minutes are estimates for GPUs of "
        + ("the speed of an A100" if speed == 1 else f"{speed:g} times an A100's speed")
        + " (compute.speed), not measurements.",
    ]
    return "\n".join(lines)


def _sum(rows: Iterable[Row]) -> str:
    rows = list(rows)
    jobs, hours = sum(row.jobs for row in rows), sum(row.gpu_hours for row in rows)
    return f"{jobs} jobs, {hours:.0f} GPU-hours, {sum(row.usd for row in rows):.2f} USD for judges"
