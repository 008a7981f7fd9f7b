"""Files of the NLP benchmarks."""

import pyarrow as pa

from icr.storage.schemas.checks import BOOLEAN, INTEGER, NUMBER, TEXT, Schema, by_name, column

_HARNESS = by_name(NUMBER, nullable=True)
NLP_SCORES = Schema(
    "NLP scores",
    "Scores of lm-evaluation-harness by language and benchmark.",
    pa.struct(
        [
            column(
                "scores",
                by_name(
                    by_name(
                        pa.struct(
                            [
                                column("task", TEXT, "the harness's task"),
                                column("shots", INTEGER, "examples before each question"),
                                column("metrics", _HARNESS, "by the harness's names"),
                                column("n", INTEGER, "questions"),
                                column("parts", by_name(_HARNESS), "metrics and n of subtasks"),
                            ]
                        )
                    )
                ),
                "by language, then benchmark",
            ),
            column("versions", by_name(TEXT), "installed packages"),
        ]
    ),
    ["results/{run}/nlp/{policy}/scores/{languages}.json"],
)
NLP_METRICS = Schema(
    "NLP metrics",
    "Scores of a policy in a language, by benchmark.",
    by_name(
        pa.struct(
            [
                column("value", NUMBER, "the score"),
                column("stderr", NUMBER, "its standard error, if there is one", nullable=True),
                column("task", TEXT, "the harness's task"),
                column("metric", TEXT, "the harness's metric"),
                column("shots", INTEGER, "examples before each question"),
                column("substitute", BOOLEAN, "whether the task replaces a missing one"),
                column("n", INTEGER, "questions"),
            ]
        )
    ),
    ["results/{run}/nlp/{policy}/{language}/metrics.json"],
)
