"""A user's own tables, in addition to those of the paper."""

from typing import Annotated, Any, Literal

from pydantic import Field

from icr.config.base import Section


class TableRow(Section):
    """A row of results, or a heading of the rows below it."""

    section: str | None = None
    """A heading; it has no other key."""
    row: str = ""
    """The row's name in the CSV file."""
    label: str = ""
    """The row's name in the table; default: ``row``."""
    policy: str | list[str] = Field(default_factory=list)
    """``{experiment}-{t}`` (0: the model that the experiment starts from, I: its reference π_I) or
    a model. Of several policies, the best by the average of the first metric is shown."""


class OwnTable(Section):
    """A table as in config/tables.yaml, without numbers of the paper."""

    title: str
    caption: str = ""
    metrics: list[str] = Field(min_length=1)
    """Measures of judged benchmarks, or names of ``evaluation.nlp.benchmarks``."""
    columns: Literal["languages", "averages", "blocks"] = "languages"
    """``blocks``: a block of rows for each metric."""
    only_averages: list[str] = Field(default_factory=list)
    """Metrics shown for the average alone; the CSV file has all."""
    languages: str = "main"
    """The experiment whose languages are the columns."""
    rows: list[TableRow] = Field(min_length=1)


OwnTables = dict[Annotated[int, Field(gt=0)], OwnTable]


def described(tables: OwnTables) -> dict[int, Any]:
    """The tables as :func:`icr.tables.description.read_description` takes them."""
    return {number: table.model_dump(exclude_unset=True) for number, table in tables.items()}
