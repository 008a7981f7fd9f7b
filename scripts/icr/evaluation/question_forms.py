"""Which format a file of questions or answers has: told by its rows."""

from collections.abc import Sequence
from typing import Literal

from icr.evaluation.mtbench import questions as talks
from icr.evaluation.questions import answers_of, numbered_questions
from icr.storage.rows import Located


def check_rows(rows: Sequence[Located], kind: Literal["questions", "answers"]) -> None:
    """Check every row of a file by itself, in AlpacaEval's format or in MT-Bench's.

    Raises InputError naming the place of the first bad row.
    """
    if "question_id" in rows[0][1]:
        (talks.questions_of if kind == "questions" else talks.references_of)(rows)
    else:
        (numbered_questions if kind == "questions" else answers_of)(rows)
