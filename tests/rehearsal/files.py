"""A mirror of public repositories, with a few rows under the paths that the configuration names."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from icr.storage.downloads import git_blob_id
from rehearsal.texts import answer, request

QUESTIONS = 12
"""Questions of X-AlpacaEval; length control needs ten verdicts."""
CATEGORIES = (
    "writing", "roleplay", "reasoning", "math", "coding", "extraction", "stem", "humanities",
)  # fmt: skip


def add_repositories(mirror: Path, table: Path, config: Mapping[str, Any]) -> int:
    """Write every upstream file of a configuration to ``mirror``; returns their number.

    The table of upstream files gets the blob ids of the stand-ins.

    Raises KeyError for a file that the table does not list.
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    listed = {(row["github_repo"], row["commit"], row["path"]): row for row in rows}
    written = 0
    for source, language, content in _files(config):
        path = source["path"].format(language=language, LANGUAGE=language.upper())
        row = listed[source["repo"], source["commit"], path]
        row |= {"git_blob_sha1": git_blob_id(content), "bytes": len(content)}
        file = mirror / source["repo"] / source["commit"] / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        written += 1
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return written


def _files(config: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, bytes]]:
    """Source, language and content of each file."""
    for prompt_set in config["prompts"].values():
        for language in prompt_set["languages"]:
            yield prompt_set["source"], language, _prompts(prompt_set, language)
    evaluation = config["evaluation"]
    makers: dict[str, tuple[Callable, Callable]] = {
        evaluation["xalpacaeval"]["questions"]: (_questions, _references),
        evaluation["mtbench"]["questions"]: (_talks, _talk_references),
    }
    for name, questions in config["questions"].items():
        for language in questions["languages"]:
            files = {**questions, **questions.get("elsewhere", {}).get(language, {})}
            for key, make in zip(("source", "references"), makers[name], strict=True):
                yield files[key], language, make(language)
    for system, stored in evaluation["xalpacaeval"].get("outputs", {}).items():
        for language in stored["languages"]:
            yield stored["source"], language, _outputs(language, system)


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _list(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=4).encode()


def _prompts(prompt_set: Mapping[str, Any], language: str) -> bytes:
    key = prompt_set["source"].get("id", "instruction_id")
    return _lines(
        [{"instruction": request(language, n), key: f"{n:04d}"} for n in range(prompt_set["size"])]
    )


def _questions(language: str) -> bytes:
    return _list(
        [
            {"id": n, "dataset": "helpful_base", "instruction": request(language, n)}
            for n in range(QUESTIONS)
        ]
    )


def _references(language: str) -> bytes:
    return _outputs(language, "gpt-4-turbo-2024-04-09")


def _outputs(language: str, system: str) -> bytes:
    return _list(
        [
            {
                "dataset": "helpful_base",
                "instruction": request(language, n),
                "output": answer(language, n, system),
                "generator": system,
            }
            for n in range(QUESTIONS)
        ]
    )


def _talks(language: str) -> bytes:
    return _lines(
        [
            {
                "question_id": 81 + n,
                "category": category,
                "turns": [request(language, n), request(language, n + 8)],
            }
            for n, category in enumerate(CATEGORIES)
        ]
    )


def _talk_references(language: str) -> bytes:
    """References of the three categories that are graded with one."""
    return _lines(
        [
            {
                "question_id": 81 + n,
                "answer_id": f"reference-{n}",
                "model_id": "gpt-4",
                "choices": [
                    {"index": 0, "turns": [answer(language, n, "gpt-4"), answer(language, n, "")]}
                ],
            }
            for n, category in enumerate(CATEGORIES)
            if category in ("reasoning", "math", "coding")
        ]
    )
