"""X-AlpacaEval: pairwise judging of a system's outputs against the reference's (Section 5.1)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from icr.errors import InputError
from icr.evaluation.questions import numbered_questions, occurrences
from icr.judging import Judge, Request, pairwise
from icr.judging.client import spent
from icr.storage.rows import Row

ANNOTATOR = "x-alpacaeval"


def questions_of(rows: Sequence[Row], count: int | None = None) -> list[Row]:
    """The first ``count`` questions; see :func:`icr.evaluation.questions.numbered_questions`."""
    located = [(f"question {number}", row) for number, row in enumerate(rows, start=1)]
    return numbered_questions(located)[:count]


def in_alpaca_format(questions: Sequence[Row], answers: Sequence[Row], generator: str) -> list[Row]:
    """Outputs in alpaca_eval's format, in the order of the questions.

    ``answers`` hold ``instruction`` and ``output``. Equal instructions are matched in their
    order; a question without an answer is left out.
    """
    answer_of = dict(zip(occurrences(list(answers)), answers, strict=True))
    outputs = []
    for question, key in zip(questions, occurrences(list(questions)), strict=True):
        output = answer_of.get(key, {}).get("output")
        if isinstance(output, str):
            outputs.append({**question, "output": output, "generator": generator})
    return outputs


def annotate(
    judge: Judge,
    questions: Sequence[Row],
    references: Sequence[Row],
    outputs: Sequence[Row],
    seed: int,
) -> tuple[list[Row], dict[str, Any]]:
    """Judge each output against the reference's.

    Returns annotations in alpaca_eval's format and a summary. ``output_1`` is the reference's;
    the preference is between 1 (the reference wins) and 2 (the output wins), and None if the judge
    gave no verdict. Which output the judge sees first depends on question and ``seed``. Equal
    outputs are a tie and are not judged.

    Raises InputError if no question has both outputs, or no verdict has probabilities.
    """
    baseline = str(references[0].get("generator", "reference")) if references else "reference"
    output_of = {row["index"]: row for row in outputs}
    reference_of = {row["index"]: row for row in in_alpaca_format(questions, references, baseline)}
    reasons: Counter[str] = Counter()
    rows = []
    for question in questions:
        index = question["index"]
        if index not in reference_of or index not in output_of:
            reasons["no reference" if index not in reference_of else "no output"] += 1
            continue
        rows.append(_pair(question, reference_of[index], output_of[index], seed))
    if not rows:
        raise InputError(
            "no question has both an output and a reference; their 'instruction' must be the "
            "question's text"
        )
    undecided = [row for row in rows if row["preference"] is None]
    verdicts = judge.ask([_request(row) for row in undecided])
    for row, verdict in zip(undecided, verdicts, strict=True):
        first = pairwise.probability_of_first(verdict.logprobs)
        if verdict.error is not None:
            reasons[verdict.error] += 1
        elif first is None:
            reasons["no probabilities" if not verdict.logprobs else "neither name"] += 1
        else:
            row["preference"] = 1 + first if row["is_switched_outputs"] else 2 - first
        row["raw_completion"] = verdict.text
    if undecided and reasons["no probabilities"] == len(undecided):
        raise InputError(
            f"judge '{judge.settings.name}' returns no token log-probabilities; X-AlpacaEval "
            "needs a judge that does"
        )
    texts = [question["instruction"] for question in questions]
    summary = {
        "judge": judge.settings.name,
        "model": judge.settings.model,
        "order_seed": seed,
        "questions": len(questions),
        "judged": sum(row["preference"] is not None for row in rows),
        "unjudged": dict(sorted(reasons.items())),
        "coinciding": len(texts) - len(set(texts)),
        **spent(verdicts, judge.settings.price),
    }
    return rows, summary


def _pair(question: Row, reference: Row, output: Row, seed: int) -> Row:
    return {
        **question,
        "output_1": reference["output"],
        "generator_1": reference["generator"],
        "output_2": output["output"],
        "generator_2": output["generator"],
        "annotator": ANNOTATOR,
        "preference": 1.5 if reference["output"] == output["output"] else None,
        "is_switched_outputs": pairwise.swapped(question["instruction"], seed),
        "raw_completion": None,
    }


def _request(row: Mapping[str, Any]) -> Request:
    pair = (row["output_1"], row["output_2"])
    first, second = reversed(pair) if row["is_switched_outputs"] else pair
    return pairwise.request(row["instruction"], first, second)
