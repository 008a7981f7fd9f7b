"""Tables and JSON files are checked against their schemas when they are written."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from icr.errors import InputError
from icr.storage.files import read_table, write_csv, write_json, write_jsonl, write_parquet
from icr.storage.schemas import page
from icr.storage.schemas.checks import (
    INTEGER,
    NUMBER,
    TEXT,
    TOKENS,
    Schema,
    by_name,
    column,
    type_name,
)
from icr.training import curves

ROOT = Path(__file__).parents[2]
SCHEMAS = [schema for modules in page.STAGES.values() for schema in page.schemas(modules)]
TABLE = Schema(
    "scores",
    "A row a response.",
    pa.struct(
        [
            column("id", TEXT, "id"),
            column("ids", TOKENS, "token ids"),
            column("score", NUMBER, "score", nullable=True),
        ]
    ),
    [],
)
METRICS = Schema(
    "metrics",
    "Scores.",
    pa.struct(
        [
            column("score", NUMBER, "score"),
            column("error", NUMBER, "its error", nullable=True),
            column("by_reason", by_name(INTEGER), "counts"),
            column("parts", pa.list_(pa.struct([column("n", INTEGER, "count")])), "parts"),
        ]
    ),
    [],
)
GOOD = {"score": 1.5, "error": None, "by_reason": {"timeout": 2}, "parts": [{"n": 1}]}


def frame(**changes):
    return pd.DataFrame(
        {"id": ["a", "b"], "ids": [[1, 2], []], "score": [0.5, float("nan")], **changes}
    )


def test_a_valid_table_is_written_as_pandas_writes_it(tmp_path):
    frame().to_parquet(tmp_path / "pandas.parquet", index=False, compression="zstd")
    write_parquet(frame(), tmp_path / "a.parquet", TABLE)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "pandas.parquet").read_bytes()


def test_columns_are_written_in_the_declared_order(tmp_path):
    mixed = frame()[["score", "id", "ids"]]
    write_parquet(mixed, tmp_path / "a.parquet", TABLE)
    assert list(read_table(tmp_path / "a.parquet")) == ["id", "ids", "score"]
    write_csv(mixed, tmp_path / "a.csv", TABLE)
    assert (tmp_path / "a.csv").read_text().splitlines()[0] == "id,ids,score"


def test_empty_columns_fit_every_type(tmp_path):
    empty = frame(ids=[[], []], score=[None, None])
    write_parquet(empty, tmp_path / "a.parquet", TABLE)
    assert read_table(tmp_path / "a.parquet")["score"].isna().all()


@pytest.mark.parametrize("write", [write_parquet, write_csv])
@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (frame().drop(columns="ids"), "column 'ids' is missing"),
        (frame(extra=1), "column 'extra' is not declared"),
        (frame(score=[1, 2]), "column 'score' is int64 and must be float64"),
        (frame(ids=[["x"], ["y"]]), "column 'ids' is list<text> and must be list<int64>"),
        (frame(id=["a", None]), "column 'id' has 1 nulls and may have none"),
        (frame(ids=[[1], None]), "column 'ids' has 1 nulls and may have none"),
        (frame(id=["a", 1]), "column id"),
        (pd.DataFrame({"x": [1]}), "'id' is missing; column 'ids' is missing.*and 1 more"),
    ],
)
def test_an_invalid_table_is_refused(tmp_path, write, table, problem):
    with pytest.raises(InputError, match=f"out does not fit the schema 'scores'.*{problem}"):
        write(table, tmp_path / "out", TABLE)
    assert not list(tmp_path.iterdir())


def test_further_columns_stand_last_and_have_the_declared_type(tmp_path):
    """What a loss of one's own reports beside the declared curves."""
    open_table = replace(TABLE, further=NUMBER)
    table = pd.DataFrame({"gap": [0.1, 0.2]}).join(frame())
    write_parquet(table, tmp_path / "a.parquet", open_table)
    assert list(read_table(tmp_path / "a.parquet")) == ["id", "ids", "score", "gap"]
    with pytest.raises(InputError, match="column 'note' is text and must be float64"):
        write_parquet(frame(note=["x", "y"]), tmp_path / "b.parquet", open_table)


def test_valid_json_is_written(tmp_path):
    for error in (None, 0.5, 1):
        write_json({**GOOD, "error": error}, tmp_path / "a.json", METRICS)
    write_jsonl([GOOD, GOOD], tmp_path / "a.jsonl", METRICS)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"score": None}, "key 'score' is null and may not be"),
        ({"score": "1.5"}, "key 'score' is a str and must be float64"),
        ({"score": True}, "key 'score' is a bool and must be float64"),
        ({"by_reason": {"timeout": 0.5}}, "key 'by_reason.timeout' is a float and must be int64"),
        ({"by_reason": [1]}, "key 'by_reason' is a list and must be an object"),
        ({"parts": [{"n": 1}, {}]}, "key 'parts[1].n' is missing"),
        ({"parts": {"n": 1}}, "key 'parts' is a dict and must be a list"),
        ({"more": 1}, "key 'more' is not declared"),
    ],
)
def test_invalid_json_is_refused(tmp_path, change, problem):
    with pytest.raises(InputError, match=re.escape(problem)):
        write_json({**GOOD, **change}, tmp_path / "out", METRICS)
    with pytest.raises(InputError, match=f"out, line 2 does not.*{re.escape(problem)}"):
        write_jsonl([GOOD, {**GOOD, **change}], tmp_path / "out", METRICS)
    assert not list(tmp_path.iterdir())


def test_the_page_is_current():
    assert (ROOT / page.PAGE).read_text(encoding="utf-8") == page.page(), "run `make docs`"


def test_names_of_schemas_and_their_files_are_unambiguous():
    assert len({schema.name for schema in SCHEMAS}) == len(SCHEMAS)
    assert all(schema.paths and schema.about for schema in SCHEMAS)
    for schema in SCHEMAS:
        assert type_name(schema.type).startswith(("object", "list<object>", "map<text, object>"))


def test_every_column_name_occurs_in_the_code():
    keys = [key for schema in SCHEMAS for key, _ in page.keys(schema.type)]
    names = {key.rpartition(".")[2].strip("[]*") for key in keys}
    files = [path for path in (ROOT / "scripts").rglob("*.py") if "schemas" not in path.parts]
    words = set(re.findall(r"\w+", "\n".join(path.read_text("utf-8") for path in files)))
    assert names <= words


def test_curves_have_the_declared_columns():
    declared = next(schema for schema in SCHEMAS if schema.name == "training curves")
    assert declared.columns == curves.COLUMNS


PLAIN = {
    "calibrate", "check_prompts", "claims", "provenance",  # for readers and the report
    "fetch_prompts", "translate",  # in the formats of users' files, checked there
    "miniature_choices", "miniature_prompts", "miniature_questions",
}  # fmt: skip
"""Scripts that write JSON without a schema."""


def test_what_scripts_write_has_a_schema():
    without = set()
    for script in (ROOT / "scripts").glob("*.py"):
        calls = re.findall(r"write_(?:jsonl?|csv)\((.*)\)\n", script.read_text(encoding="utf-8"))
        if not all(re.search(r", [A-Z_]+$", call) for call in calls):
            without.add(script.stem)
    assert without == PLAIN
