"""The two-turn questions of one language, with reference answers where the benchmark has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from icr.errors import InputError
from icr.storage.rows import Located, Row, located_rows

TEMPERATURES = {
    "writing": 0.7,
    "roleplay": 0.7,
    "extraction": 0.0,
    "math": 0.0,
    "coding": 0.0,
    "reasoning": 0.0,
    "stem": 0.1,
    "humanities": 0.1,
}
"""The benchmark's categories, with the sampling temperature of their answers."""
REFERENCED = ("math", "reasoning", "coding")
"""Categories whose answers are graded against a reference answer."""


@dataclass(frozen=True)
class Question:
    """A question and its follow-up."""

    id: str
    category: str
    turns: tuple[str, str]
    references: tuple[str, str] | None
    """Reference answers to both turns, if and only if the category needs them; the text is empty
    for a turn without a reference."""

    @property
    def temperature(self) -> float:
        """The temperature at which the policy answers."""
        return TEMPERATURES[self.category]


def read_questions(path: str | Path, references: str | Path) -> list[Question]:
    """The questions of a file in MT-Bench's format, with the answers of its reference file.

    Each row of questions is ``{question_id, category, turns: [first, second]}``, each row of
    references ``{question_id, choices: [{turns: [first, second]}]}``, in JSON Lines or a JSON
    list. References of categories that need none are ignored.

    Raises InputError naming file and line for a row of another form, an unknown category, a
    repeated id, a missing reference, or a reference without a question.
    """
    questions, rows = questions_of(located_rows(path)), located_rows(references)
    answers = references_of(rows)
    for where, row in rows:
        if str(row["question_id"]) not in questions:
            raise InputError(
                f"{where}: a reference answer to question {row['question_id']}, which {path} lacks"
            )
    for name, question in questions.items():
        if question.category in REFERENCED and name not in answers:
            raise InputError(
                f"{references}: no reference answer to question {name}, which its category "
                f"'{question.category}' needs"
            )
    return [
        replace(question, references=answers[name]) if question.category in REFERENCED else question
        for name, question in questions.items()
    ]


def questions_of(rows: Sequence[Located]) -> dict[str, Question]:
    """Two-turn questions by id, without references.

    Raises InputError naming file and line of a row of another form, an unknown category, or a
    repeated id.
    """
    questions: dict[str, Question] = {}
    for where, row in rows:
        name, category = _new_id(where, row, questions), row.get("category")
        if category not in TEMPERATURES:
            raise InputError(
                f"{where}: question {name} has the category '{category}'; MT-Bench has "
                f"{', '.join(TEMPERATURES)}"
            )
        turns = row.get("turns")
        texts = turns if isinstance(turns, list) else []
        if len(texts) != 2 or not all(isinstance(text, str) and text.strip() for text in texts):
            raise InputError(
                f'{where}: question {name} needs two turns of text, as {{"turns": ["...", "..."]}}'
            )
        questions[name] = Question(name, category, (texts[0], texts[1]), None)
    return questions


def references_of(rows: Sequence[Located]) -> dict[str, tuple[str, str]]:
    """Both reference answers by question id, as text; files may hold numbers and empty texts.

    Raises InputError naming file and line of a row of another form, or of a repeated id.
    """
    answers: dict[str, tuple[str, str]] = {}
    for where, row in rows:
        name = _new_id(where, row, answers)
        try:
            first, second = row["choices"][0]["turns"]
        except (KeyError, IndexError, TypeError, ValueError):
            raise InputError(
                f"{where}: the reference to question {name} needs the form "
                '{"choices": [{"turns": ["...", "..."]}]}'
            ) from None
        answers[name] = str(first).strip(), str(second).strip()
    return answers


def _new_id(where: str, row: Row, seen: Mapping[str, object]) -> str:
    name = row.get("question_id")
    if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
        raise InputError(f"{where}: the question_id must be a whole number or a text")
    if str(name) in seen:
        raise InputError(f"{where}: the id of question {name} is repeated")
    return str(name)
