"""X-AlpacaEval: pairwise judging against reference answers."""

from typing import Annotated

from pydantic import Field, Tag

from icr.config.base import Languages, Name, Section, kind_by_key
from icr.config.evaluated import Evaluated
from icr.config.questions import FileSource


class Decoding(Section):
    """Generation settings of the answers."""

    temperature: float = Field(0.6, ge=0)
    top_p: float = Field(0.9, gt=0, le=1)
    max_tokens: int = Field(2048, gt=0)


class HubTable(Section):
    """alpaca_eval's own table: a file of a data set on the hub, checked by its sha256."""

    hub: str = "tatsu-lab/alpaca_eval"
    revision: str = "2edc6fad8be6b14ea7230aabfd08188da6b8b814"
    file: str = "df_gamed.csv"
    sha256: str = Field(
        "97aeec3f1c7de6dee6fd31fe66f1702623f4614c3efe1c6fc5f4927cd5fd674d",
        pattern=r"^[0-9a-f]{64}$",
    )


class MiniatureTable(Section):
    """A planted table for the miniature's questions."""

    miniature: str


LengthTable = Annotated[
    Annotated[HubTable, Tag("hub")] | Annotated[MiniatureTable, Tag("miniature")],
    kind_by_key("hub", "miniature"),
]


class StoredOutputs(Section):
    """Answers of another system, in alpaca_eval's format, one file per language."""

    source: FileSource
    languages: Languages = Field(min_length=1)


class XAlpacaEval(Evaluated):
    """AlpacaEval 2 in other languages (Section 5.1)."""

    questions: Name
    judge: Name
    count: int | None = Field(None, gt=0)
    """Number of questions, from the first; null: all."""
    decoding: Decoding = Decoding()
    order_seed: int = 0
    """Seed that decides, with the question, which answer the judge sees first; default:
    alpaca_eval's."""
    length_table: LengthTable | None = None
    """Instruction difficulties and gamed outputs; without them there is no length-controlled win
    rate."""
    outputs: dict[Name, StoredOutputs] = Field(default_factory=dict)
    """Stored answers of other systems, judged like those of a policy."""
