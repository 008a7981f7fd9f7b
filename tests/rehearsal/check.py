"""Check that a rehearsal filled every table and figure and trained every policy."""

import csv
from collections.abc import Collection, Iterator
from pathlib import Path

import yaml

from icr.config import load_config
from icr.tables.cells import NOT_RUN
from icr.workflow.study import Study
from rehearsal.stage import CONFIGS

LEFT_OUT = {("2", "internlm2.5-chat-20b")}
"""Rows that config/config.yaml omits, with a comment that says why."""
TABLES, FIGURES = range(1, 16), (1, 3, 4)


def problems(checkout: Path, run: str = "paper") -> list[str]:
    """A line for each missing result of a finished rehearsal; empty if it is complete.

    Tables have rows for all of the paper's experiments: other runs may leave some out.
    """
    config = yaml.safe_load((checkout / CONFIGS[run]).read_text(encoding="utf-8"))
    results = checkout / "results" / run
    allowed = () if run == "paper" else (NOT_RUN,)
    return [*_tables(results, allowed), *_figures(results), *_policies(results, config)]


def _tables(results: Path, allowed: Collection[str]) -> Iterator[str]:
    for number in TABLES:
        file = results / f"tables/table{number}.csv"
        if not file.is_file():
            yield f"table {number} is missing"
            continue
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        if not rows:
            yield f"table {number} is empty"
        for row in rows:
            left_out = (row["table"], row["row"]) in LEFT_OUT or row["note"] in allowed
            if row["ours"] == "" and not left_out:
                cell = " ".join(filter(None, (row["row"], row["language"], row["metric"])))
                yield f"table {number}, {cell}: {row['note'] or 'no value'}"


def _figures(results: Path) -> Iterator[str]:
    for number in FIGURES:
        for kind in ("pdf", "png", "csv"):
            file = results / f"figures/figure{number}.{kind}"
            if not file.is_file() or not file.stat().st_size:
                yield f"figure {number} has no {kind}"
    if not (results / "report.html").is_file():
        yield "the report is missing"


def _policies(results: Path, config: dict) -> Iterator[str]:
    for policy in Study(load_config(config)).policies.trained:
        if not (results / "policies" / policy / "config.json").is_file():
            yield f"policy {policy} was not trained"
