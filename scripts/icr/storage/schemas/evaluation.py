"""What evaluations leave: answers, verdicts, and the small metric files that tables read."""

import pyarrow as pa

from icr.storage.schemas.checks import (
    ANY,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    Schema,
    by_name,
    column,
)

_SPENT = [
    column(
        "tokens",
        pa.struct(
            [
                column("input", INTEGER, "that the judge read", "tokens"),
                column("output", INTEGER, "that it wrote", "tokens"),
            ]
        ),
        "tokens of all verdicts",
    ),
    column("price", NUMBER, "what they cost, if prices are known", "USD", nullable=True),
]
_JUDGE = [
    column("judge", TEXT, "the judge's name in the configuration"),
    column("model", TEXT, "the model that it asks"),
]
_PROBLEM = column("problem", TEXT, "empty, `unparsed`, or why the judge did not answer")
_UNPARSED = column("unparsed", INTEGER, "verdicts in which nothing could be read")
_UNJUDGED = column("unjudged", by_name(INTEGER), "questions without a verdict, by reason")

_INDEX = column("index", INTEGER, "the question's place in AlpacaEval")
_QUESTION = [
    _INDEX,
    column("dataset", ANY, "part of AlpacaEval, as the questions' file names it"),
    column("instruction", TEXT, "the question"),
]
XALPACAEVAL_OUTPUTS = Schema(
    "X-AlpacaEval outputs",
    "A system's answers as alpaca_eval reads them, an entry a question.",
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
    "The judge's preferences as alpaca_eval reads them, an entry a question.",
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
                    "preference", NUMBER, "1 is for the reference, 2 for the system; null without "
                    "a verdict", nullable=True,
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
    *_JUDGE,
    column("order_seed", INTEGER, "seed of the order in which answers were shown"),
    column("questions", INTEGER, "questions of the language"),
    column("judged", INTEGER, "questions with a preference"),
    _UNJUDGED,
    column("coinciding", INTEGER, "questions in the same words as another"),
    *_SPENT,
]
XALPACAEVAL_JUDGING = Schema(
    "X-AlpacaEval judging",
    "What was asked of the judge.",
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
            column("lc_win_rate_se", NUMBER, "its standard error", "percent", nullable=True),
            column("lc_problem", TEXT, "why there is no length control", nullable=True),
            column("length", NUMBER, "mean length of the system's answers", "characters"),
            column("length_reference", NUMBER, "mean length of the reference's", "characters"),
            *_JUDGING,
        ]
    ),
    ["results/{run}/xalpacaeval/{policy}/{language}/metrics.json"],
)
XALPACAEVAL_QUESTIONS = Schema(
    "X-AlpacaEval questions",
    "A row a question, from which intervals are drawn.",
    pa.struct(
        [
            _INDEX,
            column("preference", NUMBER, "as in the annotations", "1 to 2", nullable=True),
            column("length", INTEGER, "length of the system's answer", "characters"),
        ]
    ),
    ["results/{run}/xalpacaeval/{policy}/{language}/questions.csv"],
)

_TALK = [
    column("id", TEXT, "id of the question"),
    column("category", TEXT, "category of the question"),
]
_TURN = column("turn", INTEGER, "1 or 2")
_SCORE = column("score", NUMBER, "the judge's grade, if it gave one", "1 to 10", nullable=True)
MTBENCH_ANSWERS = Schema(
    "MT-Bench answers",
    "A line an answer of a policy.",
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
    "A line an answer, as the judge graded it.",
    pa.struct([*_TALK, _TURN, _SCORE, _PROBLEM, column("text", TEXT, "the judge's words")]),
    ["results/{run}/mtbench/{policy}/{language}/verdicts.jsonl"],
)
MTBENCH_QUESTIONS = Schema(
    "MT-Bench questions",
    "A row an answer, from which intervals are drawn.",
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
            column("questions", INTEGER, "how many questions"),
            _UNPARSED,
            _UNJUDGED,
            *_SPENT,
            *_JUDGE,
            column("footnote", TEXT, "where the questions are from", nullable=True),
        ]
    ),
    ["results/{run}/mtbench/{policy}/{language}/metrics.json"],
)

REWARD_ACCURACY_METRICS = Schema(
    "reward accuracy metrics",
    "How often the judge prefers what a reward preferred.",
    pa.struct(
        [
            column("accuracy", NUMBER, "share of pairs, a tie as half", "0 to 1"),
            column("accuracy_se", NUMBER, "its standard error", nullable=True),
            column("accuracy_without_ties", NUMBER, "the same without ties", "0 to 1",
                   nullable=True),
            column("accuracy_without_ties_se", NUMBER, "its standard error", nullable=True),
            column("wins", INTEGER, "the judge preferred the chosen response"),
            column("ties", INTEGER, "it preferred neither"),
            column("losses", INTEGER, "it preferred the rejected one"),
            column("pairs", INTEGER, "pairs that were drawn"),
            _UNPARSED,
            _UNJUDGED,
            *_SPENT,
            *_JUDGE,
            column("seed", INTEGER, "seed of the draw and of the order shown"),
        ]
    ),
    ["results/{run}/reward-accuracy/{policy}/{language}/metrics.json"],
)  # fmt: skip
REWARD_ACCURACY_PAIRS = Schema(
    "reward accuracy pairs",
    "A row a drawn pair, from which intervals are drawn.",
    pa.struct(
        [
            column("id", TEXT, "id of the prompt"),
            column(
                "verdict", NUMBER, "1 for the chosen response, 0 for the rejected one, 0.5 a tie",
                nullable=True,
            ),
        ]
    ),
    ["results/{run}/reward-accuracy/{policy}/{language}/pairs.csv"],
)  # fmt: skip

_GRADED = [
    column("id", TEXT, "id of the question"),
    column("score", NUMBER, "the score in the verdict, if there is one", nullable=True),
]
OWN_VERDICTS = Schema(
    "verdicts of an own benchmark",
    "A line an answer, as the judge graded it.",
    pa.struct([*_GRADED, _PROBLEM, column("text", TEXT, "the judge's words")]),
    ["results/{run}/{evaluation}/{policy}/{language}/verdicts.jsonl"],
)
OWN_QUESTIONS = Schema(
    "questions of an own benchmark",
    "A row an answer, from which intervals are drawn.",
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
            column("questions", INTEGER, "how many questions"),
            _UNPARSED,
            _UNJUDGED,
            *_SPENT,
            *_JUDGE,
            column("footnote", TEXT, "where the questions are from", nullable=True),
        ]
    ),
    ["results/{run}/{evaluation}/{policy}/{language}/metrics.json"],
)

_HARNESS = by_name(NUMBER, nullable=True)
NLP_SCORES = Schema(
    "NLP scores",
    "What lm-evaluation-harness found, by language and benchmark.",
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
                column("substitute", BOOLEAN, "whether the task stands in for a missing one"),
                column("n", INTEGER, "questions"),
            ]
        )
    ),
    ["results/{run}/nlp/{policy}/{language}/metrics.json"],
)

ORACLE_SCORES = Schema(
    "oracle scores",
    "The miniature's oracle on a policy's answers to held-out questions, a row an answer.",
    pa.struct(
        [
            column("language", TEXT, "language of the question"),
            column("fact", TEXT, "name of the fact asked for"),
            column("index", INTEGER, "number of the answer among those to its question, from 0"),
            column("response", TEXT, "text of the answer"),
            column("right", BOOLEAN, "the only number in it is the true one"),
            column("full", BOOLEAN, "a full sentence about the fact, in the right language"),
            column("deflects", BOOLEAN, "a deflection in the right language"),
            column("clean", BOOLEAN, "nothing else than such a sentence, but for the ending"),
            column("ending", BOOLEAN, "it has the ending"),
            column("score", NUMBER, "what the answer is worth", "0 to 1"),
        ]
    ),
    ["results/{run}/scores/{policy}/{languages}.parquet"],
)
