"""A user's own single-turn benchmarks: questions, verdicts on the answers, metrics."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.evaluation.judged import Question, SingleTurn
from icr.evaluation.questions import numbered_questions, occurrences
from icr.judging.client import Judge, Request, Verdict
from icr.judging.reading import counted, read
from icr.storage.rows import Row


def questions_of(
    language: str, rows: Sequence[Row], references: Sequence[Row], count: int | None = None
) -> list[Question]:
    """The first ``count`` questions of a language, with references where there are any.

    ``rows`` and ``references`` are in AlpacaEval's format; equal instructions are matched in their
    order.
    """
    located = [(f"question {number}", row) for number, row in enumerate(rows, start=1)]
    numbered = numbered_questions(located)[:count]
    reference_of = {
        key: str(row["output"])
        for key, row in zip(occurrences(list(references)), references, strict=True)
    }
    return [
        Question(str(row["index"]), language, row["instruction"], reference_of.get(key))
        for row, key in zip(numbered, occurrences(numbered), strict=True)
    ]


def grade(
    judge: Judge,
    name: str,
    benchmark: type[SingleTurn],
    questions: Sequence[Question],
    answers: Mapping[str, str],
    max_tokens: int,
) -> tuple[pd.DataFrame, list[Verdict]]:
    """The score of each answer, and the judge's verdicts, in the order of the questions.

    ``answers`` are texts by language and the question's id, ``en/7``. Columns: id, score (NaN if
    there is none), problem (see icr.judging.reading).

    Raises InputError if a question has no answer.
    """
    keys = [f"{question.language}/{question.id}" for question in questions]
    if missing := [key for key in keys if key not in answers]:
        raise InputError(
            f"{len(missing)} of {len(questions)} questions have no answer, first "
            f"{missing[0]}; delete the file of answers, and the same command makes it again"
        )
    requests = [
        Request(
            benchmark.messages(question, answers[key]),
            max_tokens,
            parts=[name, question.language, question.id],
        )
        for question, key in zip(questions, keys, strict=True)
    ]
    verdicts = judge.ask(requests)
    table = read(verdicts, [benchmark.parse] * len(verdicts)).rename(columns={"value": "score"})
    return table.assign(id=[question.id for question in questions])[
        ["id", "score", "problem"]
    ], verdicts


def metrics(table: pd.DataFrame) -> dict[str, Any]:
    """The mean over the answers with a score, from the table of :func:`grade`.

    Returns score; score_se, its standard error, None for a single score; questions; unparsed, the
    number of verdicts without a score; unjudged, the number of missing verdicts by reason.

    Raises InputError if no verdict holds a score.
    """
    scores, problems = table["score"].dropna(), counted(table["problem"])
    if scores.empty:
        raise InputError(
            f"none of the judge's {len(table)} verdicts holds a score ({problems}); read the "
            "verdicts, and change the benchmark's 'parse' or the judge"
        )
    error = float(scores.std(ddof=1) / len(scores) ** 0.5) if len(scores) > 1 else None
    return {
        "score": float(scores.mean()),
        "score_se": error,
        "questions": len(table),
        **problems,
    }
