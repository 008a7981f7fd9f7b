"""Tables of what a run cost."""

import pandas as pd

from icr.report.parts import Table, number


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
