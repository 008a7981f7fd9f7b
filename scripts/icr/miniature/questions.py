"""The miniature's X-AlpacaEval: held-out questions, reference answers, length-control table."""

from typing import Any

import pandas as pd

from icr.miniature.oracle import judge
from icr.miniature.world import HELD_OUT, Fact, World
from icr.seeds import seed_of


def questions(world: World, language: str) -> list[dict[str, Any]]:
    """X-AlpacaEval rows: one question per fact, in the phrasing held out from training."""
    return [
        {
            "id": fact.name,
            "dataset": "miniature",
            "instruction": world.question(fact, language, HELD_OUT),
        }
        for fact in world.facts.values()
    ]


def references(world: World, language: str) -> list[dict[str, Any]]:
    """Reference answers of a mediocre system: half are right, half are full sentences."""
    return [
        {
            **row,
            "output": _mediocre(world, fact, language),
            "generator": "mediocre",
        }
        for row, fact in zip(questions(world, language), world.facts.values(), strict=True)
    ]


def _mediocre(world: World, fact: Fact, language: str) -> str:
    draw = seed_of("mediocre", language, fact.name)
    number = fact.number if draw % 2 else fact.wrong[0]
    form = world.full_answer if draw // 2 % 2 else world.unsure_answer
    return form(fact, language, number)


def length_table(world: World) -> pd.DataFrame:
    """The table that alpaca_eval's length control needs, for these questions.

    It holds two systems that answer like the reference, one with the ending and one without, at a
    win rate of one half: length gains nothing. A question is more difficult if its
    reference answer is better. Columns as in alpaca_eval's table: index, model, preference (0 to
    1), std_delta_len, instruction_difficulty, not_gamed_baseline.
    """
    rows = []
    for name, change in (("mediocre_concise", 1.0), ("mediocre_verbose", -1.0)):
        for index, (row, fact) in enumerate(
            zip(references(world, "en"), world.facts.values(), strict=True)
        ):
            score = judge(world, fact, "en", row["output"]).score
            rows.append(
                {
                    "index": index,
                    "model": name,
                    "preference": 0.5,
                    "std_delta_len": change,
                    "instruction_difficulty": 0.5 - score,
                    "not_gamed_baseline": False,
                }
            )
    return pd.DataFrame(rows)
