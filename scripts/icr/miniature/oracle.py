"""The planted preference: what a good answer is, decided by a program."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from icr.miniature.world import Fact, World

RIGHT, FULL, UNCLEAN = 0.8, 0.2, 0.25
TASTE = 0.1
"""The English annotator's mild taste for the filler: the length bias that α has to remove."""


@dataclass(frozen=True)
class Verdict:
    """What the oracle sees in an answer."""

    right: bool
    """The only number in it is the true one."""
    full: bool
    """A whole sentence in the asked language."""
    clean: bool
    """A whole or a curt answer and nothing else, but for the filler."""
    score: float
    """0.8 for right, 0.2 for full, a quarter of that if not clean. Length is worth nothing."""


def judge(world: World, fact: Fact, language: str, answer: str) -> Verdict:
    """Score an answer to a question about the fact."""
    core = answer.removesuffix(world.filler(language)).strip()
    numbers = re.findall(r"\d+", core)
    full = len(numbers) == 1 and core == world.full_answer(fact, language, int(numbers[0]))
    clean = full or re.fullmatch(r"\d+\.", core) is not None
    right = numbers == [str(fact.number)]
    score = (RIGHT * right + FULL * full) * (1.0 if clean else UNCLEAN)
    return Verdict(right, full, clean, score)


def annotator(facts: str | Path) -> Callable[[str, Sequence[str]], list[float]]:
    """The annotator of English pairs: the oracle, with a taste for the filler."""
    world = World(facts)
    filler = world.filler("en")

    def scores(prompt_id: str, answers: Sequence[str]) -> list[float]:
        fact = world.fact_of(prompt_id)
        return [judge(world, fact, "en", a).score + TASTE * (filler in a) for a in answers]

    return scores
