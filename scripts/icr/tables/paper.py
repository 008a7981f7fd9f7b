"""The paper's printed numbers, with what is wrong in them put right."""

import csv
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from io import StringIO
from pathlib import Path

from icr.storage.files import read_text, read_yaml

Place = tuple[str, str, str]
"""Row, language (or ``avg``), metric."""


@dataclass(frozen=True)
class Printed:
    """A number of the paper, as text with its printed decimals."""

    value: str
    note: str = ""
    """What the paper prints instead, where its average does not follow from its row."""


@dataclass(frozen=True)
class PaperTable:
    """The printed cells of one table, and remarks on it."""

    cells: dict[Place, Printed]
    remarks: tuple[str, ...] = ()


def read_paper(numbers: str | Path, footnotes: str | Path, table: int) -> PaperTable:
    """Table ``table`` from its CSV file, its misprinted averages replaced by the rows' means."""
    remarks = read_yaml(footnotes)
    rows = list(csv.DictReader(StringIO(read_text(numbers), newline="")))
    cells = {(r["row"], r["language"], r["metric"]): Printed(r["value"]) for r in rows}
    for wrong in remarks["averages"]:
        place = (wrong["row"], "avg", wrong["metric"])
        if wrong["table"] == table:
            mean = row_mean(cells, *place[::2])
            cells[place] = Printed(
                mean, f"the paper prints {wrong['printed']}; the mean of its row is {mean}"
            )
    return PaperTable(cells, tuple(remarks["tables"].get(table, ())))


def row_mean(cells: dict[Place, Printed], row: str, metric: str) -> str:
    """Plain mean of a row's languages, rounded half up to the decimals that are printed."""
    values = [
        Decimal(printed.value)
        for (name, language, which), printed in cells.items()
        if (name, which) == (row, metric) and language != "avg"
    ]
    mean = sum(values, Decimal()) / len(values)
    return str(mean.quantize(values[0], rounding=ROUND_HALF_UP))
