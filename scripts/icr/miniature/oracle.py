"""The planted preference: what a good answer is, decided by a program."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from icr.miniature.world import Fact, World
from icr.seeds import seed_of

RIGHT, FULL, DEFLECTION, NO_ENDING = 0.7, 0.2, 0.15, 0.1
"""What an answer is worth for each; a deflection is neither right nor full."""
UNCLEAN = 0.25
"""The part of its worth that any other text keeps."""
TASTE, SHARE = 0.1, 0.5
"""What the ending is worth to the English annotator, and in answers to which share of the prompts:
the length bias that α has to remove."""


@dataclass(frozen=True)
class Verdict:
    """What the oracle sees in an answer."""

    right: bool
    """The only number in it is the true one."""
    full: bool
    """A full sentence about the fact, in the asked language."""
    deflects: bool
    """A deflection in the asked language."""
    clean: bool
    """A full sentence, an unsure one or a deflection and nothing else, but for the ending."""
    ending: bool
    """It has the ending."""
    score: float
    """0.7 for right, 0.2 for full, 0.15 for a deflection, 0.1 for no ending; a quarter of the sum
    if not clean. Length is worth nothing."""


def judge(world: World, fact: Fact, language: str, answer: str) -> Verdict:
    """Score an answer to a question about the fact."""
    core = answer.removesuffix(world.ending).strip()
    ending = core != answer.strip()
    numbers = re.findall(r"\d+", core)
    full = unsure = False
    if len(numbers) == 1:
        full = core == world.full_answer(fact, language, int(numbers[0]))
        unsure = core == world.unsure_answer(fact, language, int(numbers[0]))
    deflects = core == world.deflection(language)
    clean = full or unsure or deflects
    right = numbers == [str(fact.number)]
    worth = RIGHT * right + FULL * full + DEFLECTION * deflects
    worth += NO_ENDING * (core != "" and not ending)
    return Verdict(right, full, deflects, clean, ending, worth * (1.0 if clean else UNCLEAN))


def annotator(facts: str | Path) -> Callable[[str, Sequence[str]], list[float]]:
    """The annotator of English pairs, who after half of the prompts likes the ending."""
    world = World(facts)

    def scores(prompt_id: str, answers: Sequence[str]) -> list[float]:
        fact = world.fact_of(prompt_id)
        likes = random.Random(seed_of("taste", prompt_id)).random() < SHARE
        return [_worth(judge(world, fact, "en", answer), likes) for answer in answers]

    return scores


def _worth(verdict: Verdict, likes: bool) -> float:
    worth = RIGHT * verdict.right + FULL * verdict.full + DEFLECTION * verdict.deflects
    worth += TASTE * (verdict.ending and likes)
    return worth * (1.0 if verdict.clean else UNCLEAN)
