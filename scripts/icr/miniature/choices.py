"""The miniature world's facts as questions with four answers, for the NLP benchmarks."""

import random
from typing import Any

from icr.miniature.world import HELD_OUT, World


def choices(world: World, language: str) -> list[dict[str, Any]]:
    """Every fact in the held-out phrasing: question, four answers, and which one is right.

    The right one is a full sentence, as is one of the wrong ones; the other is unsure, and the
    fourth a deflection. ``labels`` marks the right one by 1, in the form that TruthfulQA's MC2
    reads.
    """
    rows = []
    for fact in world.facts.values():
        right = world.full_answer(fact, language, fact.number)
        answers = [
            right,
            world.full_answer(fact, language, fact.wrong[0]),
            world.unsure_answer(fact, language, fact.wrong[1]),
            world.deflection(language),
        ]
        random.Random(fact.name).shuffle(answers)
        rows.append(
            {
                "question": world.question(fact, language, HELD_OUT),
                "choices": answers,
                "answer": answers.index(right),
                "mc2_targets": {"labels": [int(answer == right) for answer in answers]},
            }
        )
    return rows
