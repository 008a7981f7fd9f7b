"""Files of MT-Bench."""

import pyarrow as pa

from icr.storage.schemas.checks import INTEGER, NUMBER, TEXT, Schema, by_name, column
from icr.storage.schemas.evaluation.judging import JUDGE, PROBLEM, SPENT, UNJUDGED, UNPARSED

_TALK = [
    column("id", TEXT, "id of the question"),
    column("category", TEXT, "category of the question"),
]
_TURN = column("turn", INTEGER, "1 or 2")
_SCORE = column("score", NUMBER, "the judge's grade, if there is one", "1 to 10", nullable=True)
MTBENCH_ANSWERS = Schema(
    "MT-Bench answers",
    "One line per answer of a policy.",
    pa.struct(
        [
            *_TALK,
            column("answer", TEXT, "text of the answer"),
            column("finish_reason", TEXT, "`stop`, `length`, or `no room`"),
            _TURN,
            column("language", TEXT, "language of the question"),
        ]
    ),
    ["results/{run}/mtbench/{policy}/answers/{languages}.jsonl"],
)
MTBENCH_VERDICTS = Schema(
    "MT-Bench verdicts",
    "One line per graded answer.",
    pa.struct([*_TALK, _TURN, _SCORE, PROBLEM, column("text", TEXT, "text of the verdict")]),
    ["results/{run}/mtbench/{policy}/{language}/verdicts.jsonl"],
)
MTBENCH_QUESTIONS = Schema(
    "MT-Bench questions",
    "One row per answer, for bootstrap intervals.",
    pa.struct([*_TALK, _TURN, _SCORE]),
    ["results/{run}/mtbench/{policy}/{language}/questions.csv"],
)
MTBENCH_METRICS = Schema(
    "MT-Bench metrics",
    "Mean grades of a policy in a language.",
    pa.struct(
        [
            column("score", NUMBER, "mean grade", "1 to 10"),
            column("score_se", NUMBER, "its standard error over questions", nullable=True),
            column("turns", by_name(NUMBER), "mean grade by turn", "1 to 10"),
            column("categories", by_name(NUMBER), "mean grade by category", "1 to 10"),
            column("categories_se", by_name(NUMBER, nullable=True), "their standard errors"),
            column("questions", INTEGER, "number of questions"),
            UNPARSED,
            UNJUDGED,
            *SPENT,
            *JUDGE,
            column("footnote", TEXT, "origin of the questions", nullable=True),
        ]
    ),
    ["results/{run}/mtbench/{policy}/{language}/metrics.json"],
)
