"""The same prompts answered by several policies, side by side."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from icr.report.elements import Examples, Text
from icr.storage.files import read_json, read_table

Answers = Mapping[str, Mapping[str, Sequence[tuple[str, str]]]]
"""(prompt, answer) in the order of the questions, by policy, then by language."""


def answers_of(path: str | Path, language: str) -> list[tuple[str, str]]:
    """Prompts and answers of one policy in one language.

    ``path`` is either an evaluation's answers (JSON rows with ``instruction`` and ``output``) or
    samples (Parquet), of which the first response to each prompt is used.
    """
    path = Path(path)
    if path.suffix == ".json":
        rows = read_json(path)
        return [(row["instruction"], row["output"]) for row in rows]
    table = read_table(path, columns=["language", "prompt", "index", "response"])
    table = table[table["language"] == language]
    first = table[table["index"] == table["index"].min()]
    return list(zip(first["prompt"], first["response"], strict=True))


def side_by_side(
    answers: Answers, titles: Mapping[str, str], names: Mapping[str, str], count: int = 2
) -> list[Examples]:
    """The same ``count`` questions in each language, answered by every policy that has them.

    Questions are drawn with a fixed seed. ``titles`` maps policies to the titles shown, ``names``
    maps languages to English names. Languages without answers are left out.
    """
    examples = []
    for language, name in names.items():
        columns = {
            policy: list(by_language[language])
            for policy, by_language in answers.items()
            if by_language.get(language)
        }
        size = min(map(len, columns.values()), default=0)
        drawn = sorted(random.Random(0).sample(range(size), min(count, size)))
        prompts = [
            (
                next(iter(columns.values()))[row][0],
                [
                    Text(titles.get(policy, policy), rows[row][1], policy)
                    for policy, rows in columns.items()
                ],
            )
            for row in drawn
        ]
        if prompts:
            examples.append(Examples(language, name, prompts))
    return examples
