"""Reading the description of the tables and figures (config/tables.yaml)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.storage.files import read_yaml
from icr.tables.measures import MEASURES


@dataclass(frozen=True)
class Row:
    """A row of a table: a policy, or an experiment whose settings are shown."""

    name: str
    """The row's name in config/paper/table{N}.csv."""
    label: str
    section: str
    policies: tuple[str, ...] = ()
    """Names or roles; of several, the best is shown."""
    experiment: str = ""
    """Of a table of settings."""


@dataclass(frozen=True)
class Table:
    """What a table holds, whatever the run."""

    number: int
    title: str
    metrics: tuple[str, ...]
    rows: tuple[Row, ...]
    caption: str = ""
    columns: str = "languages"
    """``languages``, ``averages`` or ``blocks`` (a block of rows for each metric)."""
    only_averages: tuple[str, ...] = ()
    """Metrics that the paper prints for the average alone; the CSV file has all."""
    experiment: str = "main"
    """Whose languages are the columns."""

    @property
    def settings(self) -> bool:
        """Whether the table shows settings and not results."""
        return all(row.experiment for row in self.rows)

    def policies(self) -> list[str]:
        """Names and roles of all rows, each once."""
        return list(dict.fromkeys(name for row in self.rows for name in row.policies))

    def evaluations(self) -> list[str]:
        """The evaluations that the metrics come from."""
        if self.settings:
            return []
        return list(dict.fromkeys(MEASURES[metric].evaluation for metric in self.metrics))

    def keys(self) -> list[str]:
        """Where the metrics stand in their files; of an NLP benchmark, its name."""
        return [] if self.settings else [MEASURES[m].value.partition(".")[0] for m in self.metrics]

    def part(self, rows: list[str], metrics: list[str]) -> "Table":
        """The table with some of its rows and metrics, in the order given."""
        named = {row.name: row for row in self.rows}
        return replace(self, rows=tuple(named[name] for name in rows), metrics=tuple(metrics))


@dataclass(frozen=True)
class Drawing:
    """What a figure plots."""

    table: Table
    """A part of a table, with the rows and metrics that are drawn."""
    draw: str
    """Against ``languages``, or against the number of ``prompts``."""
    order: tuple[str, ...] = ()
    """Languages that come first, in the paper's order."""

    def ordered(self, languages: Sequence[str]) -> list[str]:
        """The languages as they are drawn."""
        first = [language for language in self.order if language in languages]
        return [*first, *(language for language in languages if language not in first)]


def untitled(drawing: Drawing) -> Drawing:
    """A drawing without the words above and below its table, which it does not show."""
    return replace(drawing, table=replace(drawing.table, title="", caption=""))


def restored(plain: Mapping[str, Any]) -> Drawing:
    """A drawing from what :func:`dataclasses.asdict` makes of it."""
    rows = tuple(Row(**row) for row in plain["table"]["rows"])
    return Drawing(**{**plain, "table": Table(**{**plain["table"], "rows": rows})})


@dataclass(frozen=True)
class Description:
    """All tables and the figures drawn from them."""

    paper_base: str
    """The model whose results the paper prints."""
    paper_languages: dict[str, tuple[str, ...]]
    """The paper's columns, by the experiment whose languages they are."""
    tables: dict[int, Table]
    figures: dict[int, Drawing] = field(default_factory=dict)


def read_description(path: str | Path) -> Description:
    """The description in a YAML file.

    Raises InputError where a table names a metric that no evaluation yields, or a key is missing.
    """
    raw = read_yaml(path)
    try:
        tables = {number: _table(number, one) for number, one in raw["tables"].items()}
        figures = {
            number: Drawing(
                tables[one["table"]].part(one["rows"], one["metrics"]),
                one["draw"],
                tuple(one.get("order", ())),
            )
            for number, one in raw.get("figures", {}).items()
        }
        columns = {name: tuple(codes) for name, codes in raw["paper_languages"].items()}
        return Description(raw["paper_base"], columns, tables, figures)
    except KeyError as error:
        raise InputError(f"{path}: the key or name {error} is missing") from None


def _table(number: int, raw: Mapping[str, Any]) -> Table:
    section, rows = "", []
    for one in raw["rows"]:
        if "section" in one:
            section = one["section"]
            continue
        named = one.get("policy", [])
        policies = (named,) if isinstance(named, str) else tuple(named)
        label = one.get("label", one["row"])
        rows.append(Row(one["row"], label, section, policies, one.get("experiment", "")))
    table = Table(
        number=number,
        title=raw["title"],
        metrics=tuple(raw["metrics"]),
        rows=tuple(rows),
        caption=raw.get("caption", ""),
        columns=raw.get("columns", "languages"),
        only_averages=tuple(raw.get("only_averages", ())),
        experiment=raw.get("languages", "main"),
    )
    unknown = [metric for metric in table.metrics if metric not in MEASURES]
    if unknown and not table.settings:
        raise InputError(
            f"table {number}: no evaluation yields {', '.join(unknown)}; "
            f"known metrics: {', '.join(MEASURES)}"
        )
    return table
