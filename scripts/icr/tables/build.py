"""From a description and the metric files to a table's three files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from icr.storage.files import atomic_write
from icr.tables.cells import Cell, Plan, cells
from icr.tables.latex import latex
from icr.tables.markdown import markdown
from icr.tables.paper import read_paper
from icr.tables.remarks import remarks
from icr.tables.render import laid_out, tidy
from icr.tables.results import Key, Results
from icr.tables.spec import Table


def build_table(
    table: Table,
    plan: Mapping[str, Any],
    metrics: Mapping[Key, str],
    paper: str,
    footnotes: str,
    outputs: Sequence[str],
) -> None:
    """Write a table in the format of each output's suffix: .csv, .md, .tex.

    ``plan`` holds the arguments of :class:`icr.tables.cells.Plan`, ``metrics`` the run's
    metric files, ``paper`` and ``footnotes`` the files of the paper's numbers.
    """
    chosen = Plan(**plan)
    printed = read_paper(paper, footnotes, table.number)
    results = Results(metrics)
    found = cells(table, chosen, results, printed)
    layout = laid_out(table, chosen, found)
    below = remarks(table, chosen, results, printed, found)
    texts = {
        ".csv": tidy(table, found),
        ".md": markdown(table, layout, below),
        ".tex": latex(table, layout, below),
    }
    for output in outputs:
        with atomic_write(output) as partial:
            partial.write_text(texts[Path(output).suffix], encoding="utf-8")


def build_cells(
    table: Table, plan: Mapping[str, Any], metrics: Mapping[Key, str], paper: str, footnotes: str
) -> list[Cell]:
    """The cells alone, for a figure."""
    printed = read_paper(paper, footnotes, table.number)
    return cells(table, Plan(**plan), Results(metrics), printed)
