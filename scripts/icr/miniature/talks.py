"""Two-turn questions of the miniature world, in MT-Bench's format."""

from typing import Any

from icr.miniature.world import HELD_OUT, Fact, World

CATEGORIES = {
    "stem": {"legs", "arms", "wings", "eyes", "planets"},
    "math": {"sides", "faces", "edges"},
    "reasoning": {"days", "months", "years"},
    "humanities": {"colours", "strings", "signs", "rings"},
}
"""Units by category; the others are ``roleplay``. Answered at three temperatures, and some of them
graded beside a reference, as in the benchmark itself."""
OTHER = "roleplay"


def talks(world: World, language: str) -> list[dict[str, Any]]:
    """Questions: two facts of one category, both asked in the phrasing that no prompt uses."""
    return [
        {
            "question_id": f"{first.name}-{second.name}",
            "category": category,
            "turns": [world.question(fact, language, HELD_OUT) for fact in (first, second)],
        }
        for category, first, second in _couples(world)
    ]


def references(world: World, language: str) -> list[dict[str, Any]]:
    """The right answers to them."""
    return [
        {
            "question_id": f"{first.name}-{second.name}",
            "choices": [
                {"turns": [world.full_answer(f, language, f.number) for f in (first, second)]}
            ],
        }
        for _, first, second in _couples(world)
    ]


def _couples(world: World) -> list[tuple[str, Fact, Fact]]:
    """Neighbours within each category; one that is left over has no part."""
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
