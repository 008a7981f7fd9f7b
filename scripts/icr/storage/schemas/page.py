"""docs/schemas.md: every schema, as a table.

``python -m icr.storage.schemas.page`` writes it, as part of ``make docs``.
"""

import sys
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

import pyarrow as pa

from icr.storage.schemas import jobs, pairs, preferences, responses, training
from icr.storage.schemas.checks import Schema, fields_of, is_optional, type_name
from icr.storage.schemas.evaluation import (
    mtbench,
    nlp,
    oracle,
    own,
    reward_accuracy,
    xalpacaeval,
)

PAGE = Path("docs/schemas.md")
STAGES = {
    "Responses": [responses],
    "Pairs": [pairs],
    "Training": [training],
    "Evaluation": [xalpacaeval, mtbench, reward_accuracy, own, nlp, oracle],
    "Jobs": [jobs],
    "Preference sets": [preferences],
}
OPENING = """\
# Tables and metric files

The files that one stage writes and another reads. Each file is checked against its schema when it
is written: a column or key that is missing, not declared, of another type, or null but not
nullable, is an error that names it. `make docs` generates this page from the schemas in
`scripts/icr/storage/schemas/`.

Columns on disk are in this order. *may be null*: null in Parquet and JSON, empty in CSV. *may be
missing*: the column or key is there only under the setting that the meaning names. A dot leads into
a JSON object, `[]` into the entries of a list, and `*` stands for any key. Token ids are those of
the policy's own tokenizer; log-probabilities are natural. Prompts, questions and other files of
your own are in [formats](formats.md), the paper's tables in [tables](tables.md).
"""


def schemas(modules: Iterable[ModuleType]) -> list[Schema]:
    """The schemas that modules declare, in their order."""
    values = (value for module in modules for value in vars(module).values())
    return [value for value in values if isinstance(value, Schema)]


def page() -> str:
    """The whole page in Markdown."""
    parts = [OPENING]
    for stage, modules in STAGES.items():
        parts.append(f"## {stage}\n")
        parts += [_section(schema) for schema in schemas(modules)]
    return "\n".join(parts)


def _section(schema: Schema) -> str:
    head = ("column" if _is_table(schema) else "key", "type", "unit", "meaning")
    rows = [
        (f"`{key}`", f"`{type_name(field.type)}`", _about(field, "unit"), _meaning(field))
        for key, field in keys(schema.type)
    ]
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ("---",) * 4, *rows)]
    name = schema.name[0].upper() + schema.name[1:]
    files = "\n".join(f"- `{path}`" for path in schema.paths)
    about = textwrap.fill(schema.about, width=100)
    return "\n".join([f"### {name}\n", f"{about}\n", f"{files}\n", *lines, ""])


def _is_table(schema: Schema) -> bool:
    return Path(schema.paths[0]).suffix in (".parquet", ".csv")


def keys(type_: pa.DataType, key: str = "") -> Iterator[tuple[str, pa.Field]]:
    """Columns or keys of a type and of the types inside it, each with its full dotted name."""
    if pa.types.is_struct(type_):
        for field in fields_of(type_):
            name = f"{key}.{field.name}" if key else field.name
            yield name, field
            yield from keys(field.type, name)
    elif pa.types.is_map(type_):
        yield from keys(type_.item_type, f"{key}.*" if key else "*")
    elif pa.types.is_list(type_):
        yield from keys(type_.value_type, f"{key}[]")


def _meaning(field: pa.Field) -> str:
    meaning = _about(field, "meaning").replace("|", "\\|")
    marks = ["*may be null*"] * field.nullable + ["*may be missing*"] * is_optional(field)
    return "; ".join([meaning, *marks])


def _about(field: pa.Field, key: str) -> str:
    return str(field.metadata[key.encode()].decode())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE} written", file=sys.stderr)
