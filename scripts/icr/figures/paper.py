"""The paper's figures: filled points with intervals are ours, hollow points are the paper's."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from icr.figures.style import colour, dodged, legend, marker, panels
from icr.tables.build import build_cells
from icr.tables.cells import Cell, Plan
from icr.tables.render import tidy
from icr.tables.results import Key
from icr.tables.spec import Table, restored

GAP, SPAN = 0.22, 0.88
"""Largest horizontal distance between two rows in one language, and of the outermost two."""
OURS: dict[str, Any] = {"markersize": 4, "capsize": 2, "elinewidth": 1}
PAPER: dict[str, Any] = {"markersize": 4, "markerfacecolor": "white"}


def paper_figure(
    metrics: Sequence[str],
    measured: Sequence[Key],
    paper: str,
    footnotes: str,
    drawing: Mapping[str, Any],
    plan: Mapping[str, Any],
    counts: Mapping[str, int],
) -> tuple[Figure, str]:
    """One of the paper's figures, and its points as CSV.

    ``metrics`` are metric files and ``measured`` their keys; ``paper``, ``footnotes`` and ``plan``
    are those of :func:`icr.tables.build.build_table`; ``drawing`` holds the fields of a
    :class:`icr.tables.spec.Drawing`, ``counts`` is that of :func:`by_prompts`.
    """
    spec, table_plan = restored(drawing), Plan(**plan)
    table = spec.table
    files = dict(zip(measured, metrics, strict=True))
    cells = build_cells(table, plan=plan, metrics=files, paper=paper, footnotes=footnotes)
    if spec.draw == "languages":
        figure = by_language(table, cells, spec.ordered(table_plan.languages), table_plan)
    else:
        figure = by_prompts(table, cells, counts, table_plan)
    return figure, tidy(table, cells)


def by_language(
    table: Table, cells: Sequence[Cell], languages: Sequence[str], plan: Plan
) -> Figure:
    """One panel per metric: the rows of the table in each language."""
    cell_at = {(cell.row, cell.language, cell.metric): cell for cell in cells}
    figure, axes = panels(len(table.metrics), columns=2, height=2.4)
    gap = min(GAP, SPAN / len(table.rows))
    columns = [*languages, "avg"] if len(table.metrics) > 1 else [*languages]
    for axis, metric in zip(axes, table.metrics, strict=True):
        for number, row in enumerate(table.rows):
            row_cells = [cell_at[row.name, language, metric] for language in columns]
            shift = (number - (len(table.rows) - 1) / 2) * gap
            _points(axis, row_cells, np.arange(len(columns)) + shift, number, gap / 4)
        axis.set_xticks(range(len(columns)), [c.replace("avg", "Avg") for c in columns])
        axis.set_xlim(-0.6, len(columns) - 0.4)
        axis.grid(axis="x", visible=False)
        axis.set_ylabel(f"{metric} (%)")
    labels = [re.sub(r"R_(\w)", r"$R_\1$", row.label) for row in table.rows]
    _legend(figure, cells, labels, plan)
    return figure


def by_prompts(
    table: Table, cells: Sequence[Cell], counts: Mapping[str, int], plan: Plan
) -> Figure:
    """Averages of the metrics by number of training prompts, beginning with the start policy.

    ``counts`` holds this run's number of prompts by row; the paper's number is in the row's name.
    """
    cell_at = {(cell.row, cell.language, cell.metric): cell for cell in cells}
    figure, (axis,) = panels(1, height=2.4)
    ticks = [_count(row.name, counts) for row in table.rows]
    x = np.arange(len(table.rows), dtype=float)
    for number, metric in enumerate(table.metrics):
        averages = [cell_at[row.name, "avg", metric] for row in table.rows]
        shift = dodged(number, len(table.metrics), 0.06)
        _points(axis, averages, x + shift, number, 0.06, lines=True)
    axis.set_xticks(range(len(ticks)), ticks)
    axis.set_xlabel("training prompts in each language")
    axis.set_ylabel("average over languages (%)")
    _legend(figure, cells, list(table.metrics), plan)
    return figure


def _count(row: str, counts: Mapping[str, int]) -> str:
    """A row's number of prompts, and that of this run if it differs."""
    number = int(row.rpartition("-")[2])
    here = counts.get(row, number)
    return f"{number:,}" if here == number else f"{number:,}\n(here {here:,})"


def _points(
    axis: Axes,
    cells: Sequence[Cell],
    x: npt.NDArray[Any],
    series: int,
    offset: float,
    lines: bool = False,
) -> None:
    """Draws our points left and the paper's right of ``x``; a missing cell has no point."""
    look: dict[str, Any] = {"color": colour(series), "marker": marker(series)}
    solid, dashed = ("-", "--") if lines else ("none", "none")
    ours = [(i, c) for i, c in enumerate(cells) if isinstance(c.ours, float)]
    if ours:
        centres = np.array([float(cell.ours or 0) for _, cell in ours])
        lows = [centres[n] if c.low is None else c.low for n, (_, c) in enumerate(ours)]
        highs = [centres[n] if c.high is None else c.high for n, (_, c) in enumerate(ours)]
        errors = np.clip([centres - lows, np.array(highs) - centres], 0, None)
        axis.errorbar(
            x[[i for i, _ in ours]] - offset, centres, yerr=errors, linestyle=solid, **look, **OURS
        )
    paper = [(i, float(c.paper)) for i, c in enumerate(cells) if c.paper]
    if paper:
        values = [value for _, value in paper]
        axis.plot(
            x[[i for i, _ in paper]] + offset,
            values,
            linewidth=1,
            linestyle=dashed,
            **look,
            **PAPER,
        )


def _legend(figure: Figure, cells: Sequence[Cell], labels: Sequence[str], plan: Plan) -> None:
    keys = [_key(label, colour(n), marker(n)) for n, label in enumerate(labels)]
    if any(isinstance(cell.ours, float) for cell in cells):
        keys.append(_key("ours, 95 %", "gray", "o"))
    if any(cell.paper for cell in cells):
        name = "paper" if plan.comparable else "paper (another world)"
        keys.append(_key(name, "gray", "o", markerfacecolor="white"))
    legend(figure, handles=keys)


def _key(label: str, color: str, marker: str, **look: Any) -> Line2D:
    return Line2D([], [], label=label, color=color, marker=marker, linestyle="none", **look)
