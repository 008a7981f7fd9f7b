"""Two-turn questions about the miniature's facts, in MT-Bench's format."""

from typing import Any

from icr.miniature.world import HELD_OUT, Fact, World

CATEGORIES = {
    "stem": {"legs", "arms", "wings", "eyes", "planets"},
    "math": {"sides", "faces", "edges"},
    "reasoning": {"days", "months", "years"},
    "humanities": {"colours", "strings", "signs", "rings"},
}
"""Units by category; other units are ``roleplay``. As in MT-Bench, the category decides the
temperature and whether an answer is graded against a reference."""
OTHER = "roleplay"


def questions(world: World, language: str) -> list[dict[str, Any]]:
    """Questions about two facts of one category, in the held-out phrasing."""
    return [
        {
            "question_id": f"{first.name}-{second.name}",
            "category": category,
            "turns": [world.question(fact, language, HELD_OUT) for fact in (first, second)],
        }
        for category, first, second in _fact_pairs(world)
    ]


def references(world: World, language: str) -> list[dict[str, Any]]:
    """The right answers to the questions."""
    return [
        {
            "question_id": f"{first.name}-{second.name}",
            "choices": [
                {"turns": [world.full_answer(f, language, f.number) for f in (first, second)]}
            ],
        }
        for _, first, second in _fact_pairs(world)
    ]


def _fact_pairs(world: World) -> list[tuple[str, Fact, Fact]]:
    """(category, first, second) of consecutive facts; an odd last fact is left out."""
    groups: dict[str, list[Fact]] = {}
    for fact in world.facts.values():
        groups.setdefault(_category(fact), []).append(fact)
    return [
        (category, first, second)
        for category, facts in groups.items()
        for first, second in zip(facts[::2], facts[1::2], strict=False)
    ]


def _category(fact: Fact) -> str:
    return next((name for name, units in CATEGORIES.items() if fact.unit in units), OTHER)
