"""What a run cost: hours by stage from Snakemake's benchmark files, and the judges' prices."""

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from icr.storage.files import read_csv
from icr.tables.planned import read_planned

Metrics = Mapping[tuple[str, str, str], Mapping[str, Any]]
"""Metrics of each (evaluation, policy, language)."""


def stage_costs(folder: str | Path, gpus: Mapping[str, int]) -> pd.DataFrame:
    """Costs by stage: stage, jobs, hours, gpu_hours, cpu_hours, memory, and what was planned.

    Columns planned_hours and planned_gpu_hours are what the plan expected when the jobs started;
    NaN if a job of the stage has no plan. Memory is that of the stage's largest job, in GB.
    ``folder`` holds Snakemake's benchmark files, in one subfolder per stage. ``gpus`` maps
    subfolders to the number of GPUs that their jobs hold; the deepest matching folder counts, and
    a job without a match holds none.
    """
    rows = []
    planned = read_planned(folder)
    for path in sorted(Path(folder).rglob("*.tsv")):
        benchmark = read_csv(path, sep="\t", na_values="-").iloc[-1]
        job = path.relative_to(folder).with_suffix("")
        gpu_count = next((gpus[name] for name in _folders(job) if name in gpus), 0)
        hours = benchmark["s"] / 3600
        seconds, planned_gpus = planned.get(job.as_posix(), (float("nan"), 0))
        rows.append(
            {
                "stage": job.parts[0],
                "hours": hours,
                "gpu_hours": hours * gpu_count,
                "cpu_hours": float(benchmark.get("cpu_time", float("nan"))) / 3600,
                "memory": float(benchmark.get("max_rss", float("nan"))) / 1024,
                "planned_hours": seconds / 3600,
                "planned_gpu_hours": seconds / 3600 * planned_gpus,
            }
        )
    planned_columns = ["planned_hours", "planned_gpu_hours"]
    columns = ["stage", "hours", "gpu_hours", "cpu_hours", "memory", *planned_columns]
    table = pd.DataFrame(rows, columns=columns)
    whole = lambda values: values.sum(skipna=False)  # noqa: E731
    grouped = table.groupby("stage").agg(
        jobs=("hours", "size"),
        hours=("hours", "sum"),
        gpu_hours=("gpu_hours", "sum"),
        cpu_hours=("cpu_hours", "sum"),
        memory=("memory", "max"),
        planned_hours=("planned_hours", whole),
        planned_gpu_hours=("planned_gpu_hours", whole),
    )
    return grouped.sort_values("hours", ascending=False).reset_index()


def judge_costs(metrics: Metrics) -> pd.DataFrame:
    """Judges' costs: columns evaluation, judge, input and output (tokens), price (USD)."""
    rows = []
    for (evaluation, _, _), values in metrics.items():
        if "tokens" in values:
            tokens = values["tokens"] or {}
            rows.append(
                {
                    "evaluation": evaluation,
                    "judge": values.get("judge", "–"),
                    "input": tokens.get("input", 0) or 0,
                    "output": tokens.get("output", 0) or 0,
                    "price": values.get("price") or 0.0,
                }
            )
    table = pd.DataFrame(rows, columns=["evaluation", "judge", "input", "output", "price"])
    return table.groupby(["evaluation", "judge"], sort=False).sum().reset_index()


def _folders(path: PurePath) -> list[str]:
    """The path and its parent folders, the longest first."""
    return [path.as_posix(), *(folder.as_posix() for folder in path.parents)]
