"""What a run cost: hours by stage from Snakemake's benchmark files, and the judges' bills."""

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from icr.storage.files import read_csv

Metrics = Mapping[tuple[str, str, str], Mapping[str, Any]]
"""Metrics of each (evaluation, policy, language)."""


def stage_costs(folder: str | Path, gpus: Mapping[str, int]) -> pd.DataFrame:
    """Columns stage, jobs, hours, gpu_hours, cpu_hours, memory (GB, the largest of its jobs).

    A stage is the first folder below ``folder`` (Snakemake's benchmark files). ``gpus`` says how
    many GPUs a job holds, by the folder that its file lies in: of several names the longest
    counts, and a file under none ran on CPUs.
    """
    rows = []
    for path in sorted(Path(folder).rglob("*.tsv")):
        one = read_csv(path, sep="\t", na_values="-").iloc[-1]
        inside = path.relative_to(folder).with_suffix("")
        held = next((gpus[name] for name in _folders(inside) if name in gpus), 0)
        hours = one["s"] / 3600
        rows.append(
            {
                "stage": inside.parts[0],
                "hours": hours,
                "gpu_hours": hours * held,
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


def _folders(path: PurePath) -> list[str]:
    """The path and the folders that it lies in, the longest first."""
    return [path.as_posix(), *(folder.as_posix() for folder in path.parents)]
