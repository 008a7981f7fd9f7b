"""Question, reference and output files of the benchmarks: fetching, reading, checking them.

One-turn files have AlpacaEval's format; of two turns, see icr.evaluation.mtbench.questions.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from icr.errors import InputError
from icr.storage.downloads import expected_blob, fetch_github
from icr.storage.rows import Located, Row, located_rows, text_of


def read_rows(path: str | Path) -> list[Row]:
    """The objects of a JSON list, or of a file with one object a line.

    Raises InputError, naming file and line, for a missing or empty file or one that holds
    anything else.
    """
    return [row for _, row in located_rows(path)]


def fetch_rows(
    source: Mapping[str, Any], language: str, mirror: str, upstream_files: str | Path
) -> list[Located]:
    """The rows of one language from a folder, or from a repository through the mirror.

    Raises InputError if the file cannot be had, or is another one than ``upstream_files`` lists.
    """
    if "folder" in source:
        return located_rows(file_in(source["folder"], language))
    file_name = source["path"].format(language=language, LANGUAGE=language.upper())
    place = (source["repo"], source["commit"], file_name)
    with TemporaryDirectory() as temporary:
        file = Path(temporary) / Path(file_name).name
        fetch_github(*place, expected_blob(upstream_files, *place), file, mirror)
        return located_rows(file)


def file_in(folder: str | Path, language: str) -> Path:
    """The user's own file of a language: ``{language}.jsonl`` or ``{language}.json``.

    Raises InputError if both are there: an edit of one of them would be ignored.
    """
    lines, listed = (Path(folder).expanduser() / f"{language}.{kind}" for kind in ("jsonl", "json"))
    if lines.is_file() and listed.is_file():
        raise InputError(f"{lines} and {listed.name} are both there; keep one of them")
    return listed if listed.is_file() else lines


def numbered_questions(rows: Sequence[Located]) -> list[Row]:
    """Rows ``index, dataset, instruction`` of AlpacaEval's questions.

    ``index`` is the question's place in AlpacaEval, 0 to 804, by which length control looks up
    its difficulty: the row's own, or its place in the file if no row has one.

    Raises InputError naming the place of a question without text, or of an index that is no whole
    number, repeats, or stands in some rows only.
    """
    questions: list[Row] = []
    seen: dict[int, str] = {}
    numbered = any("index" in row for _, row in rows)
    for place, (where, row) in enumerate(rows):
        instruction = text_of(where, row, "instruction")
        index = row.get("index") if numbered else place
        if not isinstance(index, int) or isinstance(index, bool) or index < 0:
            found = repr(index) if "index" in row else "missing"
            raise InputError(
                f"{where}: the index must be a whole number from 0 on (it is {found}): the "
                "question's place in AlpacaEval; give one to every question, or to none"
            )
        if index in seen:
            raise InputError(f"{where}: index {index} stands on {seen[index]} already")
        seen[index] = where.rpartition(", ")[2]
        dataset = row.get("dataset", "")
        questions.append({"index": index, "dataset": dataset, "instruction": instruction})
    return questions


def answers_of(rows: Sequence[Located]) -> list[Row]:
    """Reference answers or outputs in AlpacaEval's format: ``instruction, output`` and more.

    Raises InputError naming the place of a row without either. An output may be empty.
    """
    for where, row in rows:
        text_of(where, row, "instruction")
        if not isinstance(row.get("output"), str):
            raise InputError(f"{where}: 'output' must be a text")
    return [row for _, row in rows]


def check_answers(
    questions: Sequence[Located], answers: Sequence[Located], first: int | None = None
) -> None:
    """Raise InputError unless the answers are those to the questions, matched by their texts.

    Each of the ``first`` questions needs an answer, and no instruction may be answered more often
    than it is asked. Answers to other questions are allowed only where the questions have an
    ``index`` of their own: they are a part of AlpacaEval then, whose answers to the rest may stay.
    """
    texts = [question["instruction"] for question in numbered_questions(questions)]
    needed, asked = Counter(texts[:first]), Counter(texts)
    rows = answers_of(answers)
    given = Counter(row["instruction"] for row in rows)
    file = answers[0][0].rpartition(", ")[0]
    missing = needed - given
    foreign = [(where, row) for where, row in answers if row["instruction"] not in asked]
    hint = ""
    if foreign:
        where, row = foreign[0]
        hint = (
            f"{len(foreign)} answers belong to no question, first {where}: "
            f"{_short(row['instruction'])}"
        )
    if missing:
        raise InputError(
            f"{file}: {missing.total()} of {needed.total()} questions have no answer, first "
            f"{_short(next(iter(missing)))}; an answer repeats its question's text under "
            f"'instruction'" + (f". {hint}" if hint else "")
        )
    for where, row in answers:
        text = row["instruction"]
        if text in asked and given[text] > asked[text]:
            places = [w.rpartition(", ")[2] for w, r in answers if r["instruction"] == text]
            raise InputError(
                f"{where}: the same question is answered {given[text]} times ({', '.join(places)})"
                f" and asked {asked[text]} times: {_short(text)}"
            )
    if foreign and not any("index" in row for _, row in questions):
        raise InputError(
            f"{file}: {hint}; remove them, or give each question its 'index' in AlpacaEval if the "
            "questions are a part of it"
        )


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def occurrences(rows: list[Row], key: str = "instruction") -> list[tuple[str, int]]:
    """Each row's text, and how often it stood before.

    Translations of different questions may coincide; joined by this, rows do not multiply.

    Raises InputError for a row without the text.
    """
    seen: dict[str, int] = {}
    found = []
    for number, row in enumerate(rows, start=1):
        text = row.get(key)
        if not isinstance(text, str):
            raise InputError(f"row {number} has no text under '{key}': {str(row)[:200]}")
        found.append((text, seen.get(text, 0)))
        seen[text] = seen.get(text, 0) + 1
    return found
