"""The two-turn questions of one language, with reference answers where the benchmark has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.questions import read_rows

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
"""The benchmark's categories, with the temperature at which each is answered."""
REFERENCED = ("math", "reasoning", "coding")
"""Categories whose answers are graded beside a reference answer."""


@dataclass(frozen=True)
class Question:
    """A question and its follow-up."""

    id: str
    category: str
    turns: tuple[str, str]
    references: tuple[str, str] | None
    """Reference answers to both turns; there if and only if the category needs them. Empty where
    the file leaves a turn without one."""

    @property
    def temperature(self) -> float:
        """The temperature at which the policy answers."""
        return TEMPERATURES[self.category]


def read_questions(path: str | Path, references: str | Path) -> list[Question]:
    """The questions of a file in MT-Bench's format, with the answers of its reference file.

    Questions: ``{question_id, category, turns: [first, second]}`` a line. References:
    ``{question_id, choices: [{turns: [first, second]}]}`` a line, or either as a JSON list. The
    references of categories that need none are left aside.

    Raises InputError naming file and question for another shape, an unknown category, an id that
    repeats, or a missing reference.
    """
    answers = {str(row.get("question_id")): row for row in read_rows(references)}
    found: dict[str, Question] = {}
    for row in read_rows(path):
        one, category = str(row.get("question_id")), row.get("category")
        if category not in TEMPERATURES:
            raise InputError(
                f"{path}: question {one} has the category '{category}'; MT-Bench has "
                f"{', '.join(TEMPERATURES)}"
            )
        if one in found:
            raise InputError(f"{path}: question {one} stands there twice")
        needed = category in REFERENCED
        if needed and one not in answers:
            raise InputError(
                f"{references}: no reference answer to question {one}, which its category "
                f"'{category}' needs"
            )
        turns = _questions(row, path)
        found[one] = Question(
            one, category, turns, _references(answers[one], references) if needed else None
        )
    return list(found.values())


def _questions(row: Mapping[str, Any], path: str | Path) -> tuple[str, str]:
    turns = row.get("turns")
    texts = turns if isinstance(turns, list) else []
    if len(texts) != 2 or not all(isinstance(text, str) and text.strip() for text in texts):
        raise InputError(
            f"{path}: question {row.get('question_id')} needs two turns of text, as "
            '{"turns": ["...", "..."]}'
        )
    return texts[0], texts[1]


def _references(row: Mapping[str, Any], path: str | Path) -> tuple[str, str]:
    """Both reference answers as text; files hold numbers too, and empty texts."""
    try:
        first, second = row["choices"][0]["turns"]
    except (KeyError, IndexError, TypeError, ValueError):
        raise InputError(
            f"{path}: the reference to question {row.get('question_id')} needs the form "
            '{"choices": [{"turns": ["...", "..."]}]}'
        ) from None
    return str(first).strip(), str(second).strip()
