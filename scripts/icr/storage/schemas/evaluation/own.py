"""Files of the user's own judged benchmarks."""

import pyarrow as pa

from icr.storage.schemas.checks import INTEGER, NUMBER, TEXT, Schema, column
from icr.storage.schemas.evaluation.judging import JUDGE, PROBLEM, SPENT, UNJUDGED, UNPARSED

_GRADED = [
    column("id", TEXT, "id of the question"),
    column("score", NUMBER, "the score in the verdict, if there is one", nullable=True),
]
OWN_VERDICTS = Schema(
    "verdicts of an own benchmark",
    "One line per graded answer.",
    pa.struct([*_GRADED, PROBLEM, column("text", TEXT, "text of the verdict")]),
    ["results/{run}/{evaluation}/{policy}/{language}/verdicts.jsonl"],
)
OWN_QUESTIONS = Schema(
    "questions of an own benchmark",
    "One row per answer, for bootstrap intervals.",
    pa.struct(_GRADED),
    ["results/{run}/{evaluation}/{policy}/{language}/questions.csv"],
)
OWN_METRICS = Schema(
    "metrics of an own benchmark",
    "The mean score of a policy in a language.",
    pa.struct(
        [
            column("score", NUMBER, "mean score"),
            column("score_se", NUMBER, "its standard error over questions", nullable=True),
            column("questions", INTEGER, "number of questions"),
            UNPARSED,
            UNJUDGED,
            *SPENT,
            *JUDGE,
            column("footnote", TEXT, "origin of the questions", nullable=True),
            column("lc_score", NUMBER, "in a contest: the score at equal lengths", optional=True),
            column("length", NUMBER, "in a contest: mean length of the answers", "characters",
                   optional=True),
            column("opponent_length", NUMBER, "the same of the opponent's answers", "characters",
                   optional=True),
            column("opponent", TEXT, "the policy that gave the opposing answers", optional=True),
        ]
    ),
    ["results/{run}/{evaluation}/{policy}/{language}/metrics.json"],
)  # fmt: skip
