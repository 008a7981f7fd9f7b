"""Files of X-AlpacaEval."""

import pyarrow as pa

from icr.storage.schemas.checks import ANY, BOOLEAN, INTEGER, NUMBER, TEXT, Schema, column
from icr.storage.schemas.evaluation.judging import JUDGE, SPENT, UNJUDGED

_INDEX = column("index", INTEGER, "the question's position in AlpacaEval")
_QUESTION = [
    _INDEX,
    column("dataset", ANY, "part of AlpacaEval, as named in the file of questions"),
    column("instruction", TEXT, "the question"),
]
XALPACAEVAL_OUTPUTS = Schema(
    "X-AlpacaEval outputs",
    "A system's answers in alpaca_eval's format, one entry per question.",
    pa.list_(
        pa.struct(
            [
                *_QUESTION,
                column("output", TEXT, "the answer"),
                column("generator", TEXT, "the system"),
            ]
        )
    ),
    ["results/{run}/xalpacaeval/{policy}/{language}/outputs.json"],
)
XALPACAEVAL_ANNOTATIONS = Schema(
    "X-AlpacaEval annotations",
    "The judge's preferences in alpaca_eval's format, one entry per question.",
    pa.list_(
        pa.struct(
            [
                *_QUESTION,
                column("output_1", TEXT, "the reference's answer"),
                column("generator_1", TEXT, "the reference"),
                column("output_2", TEXT, "the system's answer"),
                column("generator_2", TEXT, "the system"),
                column("annotator", TEXT, "`x-alpacaeval`"),
                column(
                    "preference", NUMBER, "1 for the reference, 2 for the system; null without a "
                    "verdict", nullable=True,
                ),
                column("is_switched_outputs", BOOLEAN, "whether the judge saw the system first"),
                column("raw_completion", TEXT, "the judge's text; null if not asked",
                       nullable=True),
            ]
        )
    ),
    ["results/{run}/xalpacaeval/{policy}/{language}/annotations.json"],
)  # fmt: skip
_JUDGING = [
    *JUDGE,
    column("order_seed", INTEGER, "seed of the order in which answers were shown"),
    column("questions", INTEGER, "questions of the language"),
    column("judged", INTEGER, "questions with a preference"),
    UNJUDGED,
    column("coinciding", INTEGER, "questions with the same text as another"),
    *SPENT,
]
XALPACAEVAL_JUDGING = Schema(
    "X-AlpacaEval judging",
    "Number of judged questions, and their cost.",
    pa.struct(_JUDGING),
    ["results/{run}/xalpacaeval/{policy}/{language}/judging.json"],
)
XALPACAEVAL_METRICS = Schema(
    "X-AlpacaEval metrics",
    "Win rates of a system in a language.",
    pa.struct(
        [
            column("win_rate", NUMBER, "win rate over the reference", "percent"),
            column("win_rate_se", NUMBER, "its standard error", "percent", nullable=True),
            column("lc_win_rate", NUMBER, "length-controlled win rate", "percent", nullable=True),
            column("lc_win_rate_se", NUMBER, "its standard error, by a bootstrap over questions; "
                   "null where every coefficient of the fit is zero", "percent", nullable=True),
            column("lc_standard_error", NUMBER, "alpaca_eval's own: the standard error of the mean "
                   "of the fitted preferences", "percent", nullable=True),
            column("lc_problem", TEXT, "why there is no length control", nullable=True),
            column("length", NUMBER, "mean length of the system's answers", "characters"),
            column("length_reference", NUMBER, "mean length of reference answers", "characters"),
            *_JUDGING,
        ]
    ),
    ["results/{run}/xalpacaeval/{policy}/{language}/metrics.json"],
)  # fmt: skip
XALPACAEVAL_QUESTIONS = Schema(
    "X-AlpacaEval questions",
    "One row per question, for bootstrap intervals.",
    pa.struct(
        [
            _INDEX,
            column("preference", NUMBER, "as in the annotations", "1 to 2", nullable=True),
            column("length", INTEGER, "length of the system's answer", "characters"),
        ]
    ),
    ["results/{run}/xalpacaeval/{policy}/{language}/questions.csv"],
)
XALPACAEVAL_DRAWS = Schema(
    "X-AlpacaEval draws",
    "Length-controlled win rates of bootstrap samples of the questions; without rows where there "
    "is no length control or its fit has collapsed.",
    pa.struct(
        [
            column("draw", INTEGER, "number of the sample: the same questions in every language"),
            column("lc_win_rate", NUMBER, "its length-controlled win rate", "percent",
                   nullable=True),
        ]
    ),
    ["results/{run}/xalpacaeval/{policy}/{language}/lc_draws.csv"],
)  # fmt: skip
