"""The mirror of public repositories: a few rows under the paths that the configuration names."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from icr.storage.downloads import git_blob_id
from rehearsal.texts import answer, request

QUESTIONS = 12
"""Of X-AlpacaEval; length control needs ten verdicts."""
CATEGORIES = (
    "writing", "roleplay", "reasoning", "math", "coding", "extraction", "stem", "humanities",
)  # fmt: skip


def add_repositories(mirror: Path, table: Path, config: Mapping[str, Any]) -> int:
    """Write every upstream file of a configuration below ``mirror``; returns how many.

    The blob ids in the table of upstream files become those of the stand-ins.

    Raises KeyError for a file that the table does not list.
    """
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    listed = {(row["github_repo"], row["commit"], row["path"]): row for row in rows}
    made = 0
    for source, language, content in _files(config):
        path = source["path"].format(language=language, LANGUAGE=language.upper())
        row = listed[source["repo"], source["commit"], path]
        row |= {"git_blob_sha1": git_blob_id(content), "bytes": len(content)}
        file = mirror / source["repo"] / source["commit"] / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        made += 1
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return made


def _files(config: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str, bytes]]:
    """Source, language and content of each file."""
    for chosen in config["prompts"].values():
        for language in chosen["languages"]:
            yield chosen["source"], language, _prompts(chosen, language)
    evaluation = config["evaluation"]
    makers: dict[str, tuple[Callable, Callable]] = {
        evaluation["xalpacaeval"]["questions"]: (_questions, _references),
        evaluation["mtbench"]["questions"]: (_talks, _talk_references),
    }
    for name, chosen in config["questions"].items():
        for language in chosen["languages"]:
            files = {**chosen, **chosen.get("elsewhere", {}).get(language, {})}
            for key, make in zip(("source", "references"), makers[name], strict=True):
                yield files[key], language, make(language)
    for system, stored in evaluation["xalpacaeval"].get("outputs", {}).items():
        for language in stored["languages"]:
            yield stored["source"], language, _outputs(language, system)


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def _list(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=4).encode()


def _prompts(chosen: Mapping[str, Any], language: str) -> bytes:
    key = chosen["source"].get("id", "instruction_id")
    return _lines(
        [{"instruction": request(language, n), key: f"{n:04d}"} for n in range(chosen["size"])]
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
    """To the three categories that are graded beside a reference."""
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
