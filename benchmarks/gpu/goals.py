"""Goals, and whether the figures meet them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A figure that must reach a limit."""

    text: str
    row: str
    """Name of the row in its part that holds the figure."""
    column: str
    limit: float


def judged(goal, rows, reason=None):
    """The goal with its figure, and a verdict: met, not met, or not measured.

    ``rows`` are those of the goal's part. ``reason`` says why figures do not count, if so.
    """
    value = None
    if not reason:
        try:
            value = {row["name"]: row for row in rows}[goal.row][goal.column]
        except KeyError:
            reason = "there is no figure"
    if value is None:
        verdict = f"not measured: {reason or 'unknown for this GPU'}"
    else:
        verdict = "met" if value >= goal.limit else "not met"
    return {"goal": goal.text, "limit": goal.limit, "value": value, "verdict": verdict}
