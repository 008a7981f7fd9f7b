"""The elements of a report page; the template decides how they look."""

import base64
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

NUMBER = re.compile(r"[+−±~<>$-]*\d[\d.,e+-]*(?: ?(?:[%×kMGhs]|min))?(?: of \d+)?|–|not measured")
"""A cell that counts as a number."""


@dataclass(frozen=True)
class Table:
    """Cells as text; columns of numbers are right-aligned."""

    kind: ClassVar[str] = "table"
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str
    folded: str = ""
    """A title; if set, the table is hidden until the reader unfolds it."""

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold only numbers."""
        return [
            all(NUMBER.fullmatch(row[column]) for row in self.rows)
            for column in range(len(self.columns))
        ]


@dataclass(frozen=True)
class Markdown:
    """The Markdown of one of the run's tables; ``name`` is its file name without suffix."""

    kind: ClassVar[str] = "markdown"
    text: str
    name: str


@dataclass(frozen=True)
class Opening:
    """The top of the page: a few numbers, and a figure of them."""

    title: str
    numbers: Sequence[tuple[str, str]]
    """Number, and its label."""
    figure: "Figure | None"


@dataclass(frozen=True)
class Figure:
    """A PNG file, embedded in the page."""

    kind: ClassVar[str] = "figure"
    path: Path
    caption: str
    alt: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, from the file's header."""
        width, height = struct.unpack(">II", self.path.read_bytes()[16:24])
        return width, height

    @property
    def data(self) -> str:
        """The image as a data URI."""
        return "data:image/png;base64," + base64.b64encode(self.path.read_bytes()).decode()


@dataclass(frozen=True)
class Text:
    """A text and its author: a policy's answer, or one side of a pair."""

    by: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Examples:
    """Prompts in one language, each with texts to compare."""

    kind: ClassVar[str] = "examples"
    language: str
    name: str
    """The language's English name."""
    prompts: Sequence[tuple[str, Sequence[Text]]]


@dataclass(frozen=True)
class Code:
    """Preformatted text, folded."""

    kind: ClassVar[str] = "code"
    title: str
    text: str


Element = Table | Markdown | Figure | Examples | Code


@dataclass(frozen=True)
class Section:
    """A section of the report; without elements it is not shown."""

    id: str
    title: str
    text: str
    elements: Sequence[Element] = field(default_factory=list)


def number(value: Any, form: str = ".3g") -> str:
    """A number as text; a dash for None and NaN."""
    return "–" if value is None or value != value else format(value, form)
