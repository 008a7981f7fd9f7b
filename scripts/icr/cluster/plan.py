"""The plan of a run, from two dry runs: jobs, GPU-hours and the judges' price."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icr.errors import InputError


@dataclass
class Row:
    """The jobs of a rule: their total costs, and the most that one of them requests."""

    jobs: int = 0
    gpus: int = 0
    hours: float = 0.0
    gpu_hours: float = 0.0
    limit: int = 0
    """Minutes of the longest time limit."""
    usd: float = 0.0
    cpus: int = 0
    memory: int = 0
    """MB."""


def show(
    log: str | Path,
    snakefile: str,
    files: Sequence[str],
    changes: Mapping[str, Any],
    sources: Sequence[str],
) -> None:
    """Print the plan of a run and write it to ``log``.

    ``sources`` are lines that say where the minutes come from.
    """
    with ThreadPoolExecutor() as pool:
        every = pool.submit(dry_run, snakefile, files, changes, "--forceall")
        left = pool.submit(dry_run, snakefile, files, changes)
    plan = text(every.result(), left.result(), sources)
    Path(log).write_text(f"{plan}\n", encoding="utf-8")
    print(plan)


def dry_run(
    snakefile: str, files: Sequence[str], changes: Mapping[str, Any], *arguments: str
) -> dict[str, Row]:
    """The jobs that Snakemake would run for all targets, by rule.

    ``files`` are configuration files, ``changes`` is what ``--config`` sets.

    Raises InputError with the end of Snakemake's output if the dry run fails.
    """
    command = [sys.executable, "-m", "snakemake", "-n", "--nolock", *arguments]
    command += ["--quiet", "host"]  # Snakemake's own listing, with resources
    command += ["--snakefile", snakefile]
    command += ["--configfile", *files] if files else []
    assignments = [f"{key}={json.dumps(value)}" for key, value in changes.items()]
    command += ["--config", *assignments] if assignments else []
    snakemake = subprocess.run(command, capture_output=True, text=True)
    if snakemake.returncode:
        raise InputError(snakemake.stdout[-3000:] + snakemake.stderr[-3000:])
    return read(snakemake.stdout + snakemake.stderr)


def read(printed: str) -> dict[str, Row]:
    """The jobs that a dry run of Snakemake printed, by rule; rules without output are left out."""
    rows: dict[str, Row] = {}
    rule = None
    for line in printed.splitlines():
        if match := re.match(r"(?:local)?rule (\w+):$", line):
            rule = match[1]
        elif rule and line.startswith("    output: "):
            rows.setdefault(rule, Row())
        elif rule and line.startswith("    resources: ") and rule in rows:
            resources = dict(re.findall(r"(\w+)=(\d+)", line))
            row = rows[rule]
            gpus, hours = (
                int(resources.get("gpu", 0)),
                int(resources.get("expected_seconds", 0)) / 3600,
            )
            row.jobs += 1
            row.gpus = max(row.gpus, gpus)
            row.cpus = max(row.cpus, int(resources.get("cpus", 0)))
            row.memory = max(row.memory, int(resources.get("mem_mb", 0)))
            row.hours += hours
            row.gpu_hours += gpus * hours
            row.limit = max(row.limit, int(resources.get("runtime", 0)))
            row.usd += int(resources.get("cents", 0)) / 100
            rule = None
    return rows


def text(all_jobs: dict[str, Row], left: dict[str, Row], sources: Sequence[str]) -> str:
    """The plan for the terminal: what each rule's jobs request and cost, and ``sources``.

    All jobs of the run are counted, and those that are left.
    """
    costly = {name: row for name, row in all_jobs.items() if row.limit or row.usd}
    width = max(map(len, costly), default=4)
    head = (
        f"{'rule':{width}}   jobs   left  GPUs  CPUs  memory, GB  minutes each  limit  GPU-hours"
        "       USD"
    )
    lines = [head, "-" * len(head)]
    for name, row in sorted(costly.items(), key=lambda item: -item[1].gpu_hours):
        jobs_left = left.get(name, Row()).jobs
        minutes = 60 * row.hours / row.jobs
        lines.append(
            f"{name:{width}} {row.jobs:6} {jobs_left:6} {row.gpus:5} {row.cpus:5} "
            f"{row.memory / 1000:11.0f} {minutes:13.0f} {row.limit:6} {row.gpu_hours:10.0f} "
            f"{row.usd:9.2f}"
        )
    short = sum(row.jobs for name, row in all_jobs.items() if name not in costly)
    lines += [
        "-" * len(head),
        f"{short} more run briefly where Snakemake runs: downloads, checks, tables, figures",
        f"in all: {_sum(all_jobs.values())}",
        f"left:   {_sum(left.values())}",
        "GPUs, CPUs, memory and limit (minutes) are what a job requests, of the largest job.",
        *sources,
    ]
    return "\n".join(lines)


def _sum(rows: Iterable[Row]) -> str:
    rows = list(rows)
    jobs, hours = sum(row.jobs for row in rows), sum(row.gpu_hours for row in rows)
    return f"{jobs} jobs, {hours:.0f} GPU-hours, {sum(row.usd for row in rows):.2f} USD for judges"
