"""The planted preference: a program that scores answers."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from icr.miniature.world import Fact, World
from icr.seeds import seed_of

RIGHT, FULL, DEFLECTION, NO_ENDING = 0.7, 0.2, 0.15, 0.1
"""Points for each property of an answer; a deflection is neither right nor full."""
UNCLEAN = 0.25
"""Factor on the score of an answer that is not clean."""
TASTE, SHARE = 0.1, 0.5
"""The English annotator's points for the ending, and the share of prompts where it gives them: the
length bias that α has to remove."""


@dataclass(frozen=True)
class Verdict:
    """The oracle's verdict on an answer."""

    right: bool
    """Its only number is the true one."""
    full: bool
    """A full sentence about the fact, in the asked language."""
    deflects: bool
    """A deflection in the asked language."""
    clean: bool
    """Exactly a full sentence, an unsure one or a deflection, apart from the ending."""
    ending: bool
    """It has the ending."""
    score: float
    """0.7 for right, 0.2 for full, 0.15 for a deflection, 0.1 for no ending; a quarter of the sum
    if not clean. Length does not count."""


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
    """The annotator of English pairs, who likes the ending for half of the prompts."""
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
