"""Columns that files of several judged benchmarks share."""

import pyarrow as pa

from icr.storage.schemas.checks import INTEGER, NUMBER, TEXT, by_name, column

SPENT = [
    column(
        "tokens",
        pa.struct(
            [
                column("input", INTEGER, "read by the judge", "tokens"),
                column("output", INTEGER, "written by the judge", "tokens"),
            ]
        ),
        "tokens of all verdicts",
    ),
    column("price", NUMBER, "their price, if prices are configured", "USD", nullable=True),
]
JUDGE = [
    column("judge", TEXT, "the judge's name in the configuration"),
    column("model", TEXT, "the model that gives the verdicts"),
]
PROBLEM = column("problem", TEXT, "empty, `unparsed`, or why the judge did not answer")
UNPARSED = column("unparsed", INTEGER, "unreadable verdicts")
UNJUDGED = column("unjudged", by_name(INTEGER), "questions without a verdict, by reason")
