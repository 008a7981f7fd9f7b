"""Single-answer grading: the request to the judge, and the score in its verdict."""

import re
from collections.abc import Sequence

import pandas as pd

from icr.errors import InputError
from icr.evaluation.mtbench.prompts import PROMPTS
from icr.evaluation.mtbench.questions import Question
from icr.judging.client import Judge, Request, Verdict
from icr.judging.formats import reader
from icr.judging.reading import read

# The conversation comes last in both second-turn prompts, so one pattern reads both.
_READERS = [
    reader(PROMPTS[name]["prompt_template"])
    for name in ("single-math-v1", "single-v1", "single-v1-multi-turn")
]


def messages(question: Question, turn: int, answers: tuple[str, str]) -> list[dict[str, str]]:
    """The judge's prompt to grade the answer to one turn, with a reference answer if there is one.

    For the second turn it holds the whole conversation. A turn whose reference is empty is graded
    without a reference.
    """
    references = question.references or ("", "")
    name = "single-math-v1" if references[turn - 1] else "single-v1"
    template = PROMPTS[name if turn == 1 else f"{name}-multi-turn"]
    text = template["prompt_template"].format(
        question=question.turns[0],
        answer=answers[0],
        question_1=question.turns[0],
        question_2=question.turns[1],
        answer_1=answers[0],
        answer_2=answers[1],
        ref_answer_1=references[0],
        ref_answer_2=references[1],
    )
    return [
        {"role": "system", "content": template["system_prompt"]},
        {"role": "user", "content": text},
    ]


def grade(
    judge: Judge,
    questions: Sequence[Question],
    answers: pd.DataFrame,
    max_tokens: int,
) -> tuple[pd.DataFrame, list[Verdict]]:
    """The score of each answer, and the judge's verdicts, in the same order.

    ``answers`` has one row per answer: id, turn (1, 2), answer. Columns of the scores: id,
    category, turn, score (NaN if there is none), problem (see icr.judging.reading).

    Raises InputError unless the answers are those to both turns of the questions.
    """
    texts = answers.set_index(["id", "turn"])["answer"]
    turns = [(question, turn) for question in questions for turn in (1, 2)]
    if sorted(texts.index) != sorted((question.id, turn) for question, turn in turns):
        raise InputError(
            f"the {len(answers)} answers are not those to both turns of the {len(questions)} "
            "questions; delete the file of answers, and the same command makes it again"
        )
    requests = [
        Request(
            messages(question, turn, (texts[question.id, 1], texts[question.id, 2])),
            max_tokens,
            parts=["mt-bench", question.id, str(turn)],
        )
        for question, turn in turns
    ]
    verdicts = judge.ask(requests)
    columns = {
        "id": [question.id for question, _ in turns],
        "category": [question.category for question, _ in turns],
        "turn": [turn for _, turn in turns],
    }
    scores = read(verdicts, [parse_score] * len(verdicts)).rename(columns={"value": "score"})
    return pd.concat([pd.DataFrame(columns), scores], axis=1), verdicts


def graded(text: str) -> tuple[str, str] | None:
    """The question and answer that a prompt asks to grade; None for any other text."""
    for pattern in _READERS:
        if match := pattern.search(text):
            fields = match.groupdict()
            turn = "_2" if "answer_2" in fields else ""
            return fields[f"question{turn}"], fields[f"answer{turn}"]
    return None


def parse_score(text: str) -> float | None:
    """The last ``[[n]]`` of a grading, or else the last ``[n]``, if it is between 1 and 10.

    The last, as a judge may repeat the example of the format before it decides. None if there is
    no such score.
    """
    for pattern in (r"\[\[(\d+(?:\.\d+)?)\]\]", r"\[(\d+(?:\.\d+)?)\]"):
        if numbers := re.findall(pattern, text):
            score = float(numbers[-1])
            return score if 1 <= score <= 10 else None
    return None
