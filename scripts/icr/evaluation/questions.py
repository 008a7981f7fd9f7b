"""Question, reference and output files of the benchmarks: fetching, reading, checking.

One-turn files have AlpacaEval's format; for two turns, see icr.evaluation.mtbench.questions.
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
    """The objects of a JSON list or a JSON Lines file.

    Raises InputError, naming file and line, for a missing or empty file or any other content.
    """
    return [row for _, row in located_rows(path)]


def fetch_rows(
    source: Mapping[str, Any], language: str, mirror: str, upstream_files: str | Path
) -> list[Located]:
    """The rows of one language from a folder, or from a repository through the mirror.

    Raises InputError if the file is unavailable, or differs from that in ``upstream_files``.
    """
    if "folder" in source:
        return located_rows(file_in(source["folder"], language))
    file_name = source["path"].format(language=language, LANGUAGE=language.upper())
    upstream = (source["repo"], source["commit"], file_name)
    with TemporaryDirectory() as temporary:
        file = Path(temporary) / Path(file_name).name
        fetch_github(*upstream, expected_blob(upstream_files, *upstream), file, mirror)
        return located_rows(file)


def file_in(folder: str | Path, language: str) -> Path:
    """The user's own file of a language: ``{language}.jsonl`` or ``{language}.json``.

    Raises InputError if both exist: an edit of one of them would be ignored.
    """
    jsonl_file, json_file = (
        Path(folder).expanduser() / f"{language}.{suffix}" for suffix in ("jsonl", "json")
    )
    if jsonl_file.is_file() and json_file.is_file():
        raise InputError(f"{jsonl_file} and {json_file.name} both exist; keep one of them")
    return json_file if json_file.is_file() else jsonl_file


def numbered_questions(rows: Sequence[Located]) -> list[Row]:
    """Rows ``index, dataset, instruction`` of AlpacaEval's questions.

    ``index`` is the question's position in AlpacaEval, 0 to 804, by which length control looks up
    its difficulty: the row's own ``index``, or its position in the file if no row has one.

    Raises InputError naming file and line of a question without text, or of an index that is not
    a whole number from 0, is repeated, or is missing although other rows have one.
    """
    questions: list[Row] = []
    seen: dict[int, str] = {}
    numbered = any("index" in row for _, row in rows)
    for position, (where, row) in enumerate(rows):
        instruction = text_of(where, row, "instruction")
        index = row.get("index") if numbered else position
        if not isinstance(index, int) or isinstance(index, bool) or index < 0:
            value = repr(index) if "index" in row else "missing"
            raise InputError(
                f"{where}: the index must be a whole number from 0 (it is {value}), the question's "
                "position in AlpacaEval; give every question an index, or none"
            )
        if index in seen:
            raise InputError(f"{where}: index {index} is already used on {seen[index]}")
        seen[index] = where.rpartition(", ")[2]
        dataset = row.get("dataset", "")
        questions.append({"index": index, "dataset": dataset, "instruction": instruction})
    return questions


def answers_of(rows: Sequence[Located]) -> list[Row]:
    """Reference answers or outputs in AlpacaEval's format: ``instruction, output`` and more.

    Raises InputError naming file and line of a row that lacks either. An output may be empty.
    """
    for where, row in rows:
        text_of(where, row, "instruction")
        if not isinstance(row.get("output"), str):
            raise InputError(f"{where}: 'output' must be a text")
    return [row for _, row in rows]


def check_answers(
    questions: Sequence[Located], answers: Sequence[Located], first: int | None = None
) -> None:
    """Raise InputError unless the answers belong to the questions, matched by their texts.

    Each of the ``first`` questions needs an answer, and no instruction may have more answers than
    questions. Answers to other questions are allowed only if the questions have an ``index``: they
    are then a subset of AlpacaEval, and the answers to the rest may stay.
    """
    texts = [question["instruction"] for question in numbered_questions(questions)]
    needed, asked = Counter(texts[:first]), Counter(texts)
    answered = Counter(row["instruction"] for row in answers_of(answers))
    file = answers[0][0].rpartition(", ")[0]
    missing = needed - answered
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
            f"{_short(next(iter(missing)))}; an answer must repeat its question's text as "
            f"'instruction'" + (f". {hint}" if hint else "")
        )
    for where, row in answers:
        text = row["instruction"]
        if text in asked and answered[text] > asked[text]:
            lines = [w.rpartition(", ")[2] for w, r in answers if r["instruction"] == text]
            raise InputError(
                f"{where}: a question is answered {answered[text]} times ({', '.join(lines)}) "
                f"but asked {asked[text]} times: {_short(text)}"
            )
    if foreign and not any("index" in row for _, row in questions):
        raise InputError(
            f"{file}: {hint}; remove them, or give each question its 'index' in AlpacaEval if the "
            "questions are a subset of it"
        )


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def occurrences(rows: list[Row], key: str = "instruction") -> list[tuple[str, int]]:
    """Each row's text, and the number of earlier rows with the same text.

    A unique key to join rows by: translations of different questions may coincide.

    Raises InputError for a row without the text.
    """
    seen: dict[str, int] = {}
    keys = []
    for number, row in enumerate(rows, start=1):
        text = row.get(key)
        if not isinstance(text, str):
            raise InputError(f"row {number} has no text under '{key}': {str(row)[:200]}")
        keys.append((text, seen.get(text, 0)))
        seen[text] = seen.get(text, 0) + 1
    return keys
