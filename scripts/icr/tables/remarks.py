"""What stands below a table: where its numbers come from and what to beware of."""

from collections import Counter
from collections.abc import Sequence

from icr.tables.cells import Cell, Plan
from icr.tables.measures import MEASURES, NAMES
from icr.tables.paper import PaperTable
from icr.tables.results import Results
from icr.tables.spec import Table

FEW = 200
"""Questions below which LC says little: alpaca_eval's fit is regularised, for 805 questions."""


def remarks(
    table: Table, plan: Plan, results: Results, paper: PaperTable, cells: Sequence[Cell]
) -> list[str]:
    """Sentences for below the table."""
    found = []
    if not plan.comparable:
        found.append(
            "The paper's numbers come from another world (Llama-3-8B, its questions, its judges); "
            "they stand here to compare the shape, and no difference is taken."
        )
    if any(cell.low is not None for cell in cells):
        found.append(_intervals(table))
    return [*found, *_judging(table, plan, results), *paper.remarks]


def _intervals(table: Table) -> str:
    drawn = [NAMES.get(m, m) for m in table.metrics if MEASURES[m].questions]
    others = [NAMES.get(m, m) for m in table.metrics if not MEASURES[m].questions]
    parts = []
    if drawn:
        parts.append(f"{', '.join(drawn)}: bootstrap over questions")
    if others:
        parts.append(
            f"{', '.join(others)}: from standard errors, languages taken as independent in averages"
        )
    return f"Intervals are 95 %. {'; '.join(parts)}."


def _judging(table: Table, plan: Plan, results: Results) -> list[str]:
    """Judges, what they did not answer, and remarks of the evaluations."""
    policies = {policy for row in table.rows for policy in plan.policies.get(row.name, ())}
    judges: Counter[str] = Counter()
    unanswered = 0
    judged: list[int] = []
    told: dict[str, None] = {}
    for evaluation in table.evaluations():
        for policy in sorted(policies):
            for language in plan.languages:
                one = results.metrics(evaluation, policy, language) or {}
                if judge := one.get("model") or one.get("judge"):
                    judges[judge] += 1
                if evaluation == "xalpacaeval" and one:
                    judged.append(one["judged"])
                unjudged = one.get("unjudged")
                unanswered += sum(unjudged.values()) if isinstance(unjudged, dict) else 0
                unanswered += one.get("unparsed") or 0
                if note := one.get("footnote"):
                    told[str(note)] = None
    found = [f"Judged by {', '.join(sorted(judges))}."] if judges else []
    if unanswered:
        found.append(f"{unanswered} verdicts are missing or unreadable, and count for nothing.")
    if "LC" in table.metrics and judged and min(judged) < FEW:
        found.append(
            f"With {min(judged)} questions, the regularisation of alpaca_eval's fit decides much "
            "of LC, and its intervals come out too narrow: read WR."
        )
    return [*found, *told]
