"""The miniature world's facts as questions with four answers, for the NLP benchmarks."""

import random
from typing import Any

from icr.miniature.world import HELD_OUT, World


def choices(world: World, language: str) -> list[dict[str, Any]]:
    """Every fact in the held-out phrasing: question, four sentences, and which one is right.

    ``labels`` marks the right one by 1, in the form that TruthfulQA's MC2 reads.
    """
    rows = []
    for fact in world.facts.values():
        numbers = [fact.number, *fact.wrong]
        random.Random(fact.name).shuffle(numbers)
        rows.append(
            {
                "question": world.question(fact, language, HELD_OUT),
                "choices": [world.full_answer(fact, language, number) for number in numbers],
                "answer": numbers.index(fact.number),
                "mc2_targets": {"labels": [int(number == fact.number) for number in numbers]},
            }
        )
    return rows
