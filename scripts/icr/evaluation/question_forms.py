"""Checks of question and answer files in either benchmark's format."""

from collections.abc import Sequence
from typing import Literal

from icr.evaluation.mtbench import questions as mtbench
from icr.evaluation.questions import answers_of, numbered_questions
from icr.storage.rows import Located


def check_rows(rows: Sequence[Located], kind: Literal["questions", "answers"]) -> None:
    """Check the rows of a file, in MT-Bench's format if the first row has a ``question_id``.

    Otherwise they must have AlpacaEval's format. Raises InputError naming file and line of the
    first invalid row.
    """
    if "question_id" in rows[0][1]:
        (mtbench.questions_of if kind == "questions" else mtbench.references_of)(rows)
    else:
        (numbered_questions if kind == "questions" else answers_of)(rows)
