"""Multiple-choice questions about the miniature's facts, for the NLP benchmarks."""

import random
from typing import Any

from icr.miniature.world import HELD_OUT, World


def choices(world: World, language: str) -> list[dict[str, Any]]:
    """One row per fact: its held-out question, four answers, and the index of the right one.

    The answers are, in random order: the right one and a wrong one as full sentences, a wrong
    unsure one, and a deflection. ``labels`` is 1 for the right answer, as in TruthfulQA's MC2.
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
