"""What a run cost: hours by stage from Snakemake's benchmark files, and the judges' bills."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from icr.report.parts import Table, number

Metrics = Mapping[tuple[str, str, str], Mapping[str, Any]]
"""Metrics of each (evaluation, policy, language)."""


def stage_costs(folder: str | Path, gpus: Mapping[str, int]) -> pd.DataFrame:
    """Columns stage, jobs, hours, gpu_hours, cpu_hours, memory (GB, the largest of its jobs).

    A stage is the first folder below ``folder`` (Snakemake's benchmark files); ``gpus`` says how
    many GPUs a job of it holds, and a stage that it lacks holds none.
    """
    rows = []
    for path in sorted(Path(folder).rglob("*.tsv")):
        one = pd.read_csv(path, sep="\t", na_values="-").iloc[-1]
        stage = path.relative_to(folder).parts[0].removesuffix(".tsv")
        hours = one["s"] / 3600
        rows.append(
            {
                "stage": stage,
                "hours": hours,
                "gpu_hours": hours * gpus.get(stage, 0),
                "cpu_hours": float(one.get("cpu_time", float("nan"))) / 3600,
                "memory": float(one.get("max_rss", float("nan"))) / 1024,
            }
        )
    table = pd.DataFrame(rows, columns=["stage", "hours", "gpu_hours", "cpu_hours", "memory"])
    grouped = table.groupby("stage").agg(
        jobs=("hours", "size"),
        hours=("hours", "sum"),
        gpu_hours=("gpu_hours", "sum"),
        cpu_hours=("cpu_hours", "sum"),
        memory=("memory", "max"),
    )
    return grouped.sort_values("hours", ascending=False).reset_index()


def judge_costs(metrics: Metrics) -> pd.DataFrame:
    """Columns evaluation, judge, judged (jobs), input, output (tokens), price (USD)."""
    rows = []
    for (evaluation, _, _), one in metrics.items():
        if "tokens" in one:
            tokens = one["tokens"] or {}
            rows.append(
                {
                    "evaluation": evaluation,
                    "judge": one.get("judge", "–"),
                    "input": tokens.get("input", 0) or 0,
                    "output": tokens.get("output", 0) or 0,
                    "price": one.get("price") or 0.0,
                }
            )
    table = pd.DataFrame(rows, columns=["evaluation", "judge", "input", "output", "price"])
    return table.groupby(["evaluation", "judge"], sort=False).sum().reset_index()


def stage_table(costs: pd.DataFrame) -> Table:
    """Hours by stage, with their total."""
    rows = [
        [row["stage"], str(row["jobs"]), clock(row["hours"]), number(row["gpu_hours"], ".2f"),
         clock(row["cpu_hours"]), number(row["memory"], ".1f")]
        for row in costs.to_dict("records")
    ]  # fmt: skip
    total = costs[["jobs", "hours", "gpu_hours", "cpu_hours"]].sum()
    rows.append(["all", f"{total.jobs:.0f}", clock(total.hours), number(total.gpu_hours, ".2f"),
                 clock(total.cpu_hours), number(costs["memory"].max(), ".1f")])  # fmt: skip
    return Table(
        ["stage", "jobs", "time", "GPU-hours", "CPU time", "memory in GB"],
        rows,
        "Time of all jobs added up, whether or not they ran at once, by Snakemake's benchmark "
        "files; the memory of the largest job. Retries and downloads are not in them.",
    )


def judge_table(costs: pd.DataFrame) -> Table | None:
    """Tokens and money by evaluation and judge, with their total."""
    if costs.empty:
        return None
    rows = [
        [row["evaluation"], row["judge"], f"{row['input']:,}", f"{row['output']:,}",
         f"${row['price']:,.2f}"]
        for row in costs.to_dict("records")
    ]  # fmt: skip
    total = costs[["input", "output", "price"]].sum()
    rows.append(["all", "", f"{total.input:,.0f}", f"{total.output:,.0f}", f"${total.price:,.2f}"])
    return Table(
        ["evaluation", "judge", "tokens in", "tokens out", "price"],
        rows,
        "Judges, at the prices of the configuration. Judges served by the workflow itself cost "
        "hours above and no money.",
    )


def clock(hours: float) -> str:
    """Hours in the unit that reads best."""
    seconds = hours * 3600
    if seconds != seconds:
        return "–"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{hours:,.1f} h"
