"""What a report is made of. How each part looks is the template's business."""

import base64
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

NUMBER = re.compile(r"[+−±~<>$-]*\d[\d.,e+-]*(?: ?(?:[%×kMGhs]|min))?(?: of \d+)?|–|not measured")
"""A cell that is set to the right."""


@dataclass(frozen=True)
class Table:
    """Cells as text; columns of numbers are set to the right."""

    kind: ClassVar[str] = "table"
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str
    folded: str = ""
    """A title; the table is shown only when the reader unfolds it."""

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers only."""
        return [
            all(NUMBER.fullmatch(row[place]) for row in self.rows)
            for place in range(len(self.columns))
        ]


@dataclass(frozen=True)
class Markdown:
    """A table that was written elsewhere, as Markdown; ``name`` is where its forms lie."""

    kind: ClassVar[str] = "markdown"
    text: str
    name: str


@dataclass(frozen=True)
class Opening:
    """What a reader sees first: a few numbers, and a picture of them."""

    title: str
    numbers: Sequence[tuple[str, str]]
    """Number, and what it counts."""
    figure: "Figure | None"


@dataclass(frozen=True)
class Figure:
    """A PNG file, drawn into the page."""

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
        """The picture as a URI that needs no file."""
        return "data:image/png;base64," + base64.b64encode(self.path.read_bytes()).decode()


@dataclass(frozen=True)
class Text:
    """One text by someone: an answer, or a side of a pair."""

    by: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Examples:
    """Prompts of one language, each with texts to compare."""

    kind: ClassVar[str] = "examples"
    language: str
    name: str
    """The language in English."""
    prompts: Sequence[tuple[str, Sequence[Text]]]


@dataclass(frozen=True)
class Code:
    """Text as it stands in a file, folded."""

    kind: ClassVar[str] = "code"
    title: str
    text: str


Part = Table | Markdown | Figure | Examples | Code


@dataclass(frozen=True)
class Section:
    """A chapter of the report; one without parts is not shown."""

    id: str
    title: str
    text: str
    parts: Sequence[Part] = field(default_factory=list)


def number(value: Any, form: str = ".3g") -> str:
    """A number as text; a dash for None."""
    return "–" if value is None else format(value, form)
