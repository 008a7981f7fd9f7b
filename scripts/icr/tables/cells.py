"""A cell: ours, its interval, the paper's value, the difference, and what must be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from icr.tables.measures import MEASURES
from icr.tables.paper import PaperTable, Printed
from icr.tables.results import Results
from icr.tables.spec import Row, Table

NOT_IN_RUN = "not in this run"
NOT_RUN = "not run"
NOT_COMPUTED = "not computable"
INCOMPLETE = "languages missing"


@dataclass(frozen=True)
class Plan:
    """What a run's configuration says about one table."""

    languages: tuple[str, ...]
    """The columns."""
    policies: Mapping[str, Sequence[str]]
    """Policies of this run by row, each under its own name; none: the row is not in this run."""
    comparable: bool = True
    """Whether the run repeats the paper's own models, so that a difference means something."""
    same_languages: bool = True
    """Whether the columns are the paper's, so that its averages are over the same languages."""
    settings: Mapping[str, Mapping[str, str]] | None = None
    """Of a table of settings: the fields by row."""
    seed: int = 0
    """Of the bootstrap."""


@dataclass(frozen=True)
class Cell:
    """One number beside the paper's."""

    row: str
    language: str
    """A code, ``avg``, or nothing in a table of settings."""
    metric: str
    ours: float | str | None = None
    low: float | None = None
    high: float | None = None
    paper: str | None = None
    difference: float | None = None
    missing: str = ""
    """Why there is no value of ours."""
    notes: tuple[str, ...] = ()


def cells(table: Table, plan: Plan, results: Results, paper: PaperTable) -> list[Cell]:
    """Every cell of a table, row by row; see :class:`Plan`.

    Averages are means over the table's languages, and are left out if one of them is missing.
    """
    if table.settings:
        return [_setting(row, m, plan, paper) for row in table.rows for m in table.metrics]
    columns = [] if table.columns == "averages" else [*plan.languages]
    found = []
    for row in table.rows:
        policy, note = _best(table, row, plan, results)
        for language in [*columns, "avg"]:
            for metric in table.metrics:
                found.append(_result(row, language, metric, policy, note, plan, results, paper))
    return found


def _best(table: Table, row: Row, plan: Plan, results: Results) -> tuple[str | None, str]:
    """The policy that fills a row, and a remark if it was chosen among several."""
    policies = list(plan.policies.get(row.name, ()))
    if len(policies) < 2:
        return (policies[0] if policies else None), ""
    measure = MEASURES[table.metrics[0]]
    means = {p: results.mean(measure, p, plan.languages) for p in policies}
    known = {policy: mean for policy, mean in means.items() if mean is not None}
    if not known:
        return policies[0], ""
    best = max(known, key=lambda policy: known[policy])
    return best, f"{best}, the best of {', '.join(known)} by average {table.metrics[0]}"


def _result(
    row: Row,
    language: str,
    metric: str,
    policy: str | None,
    note: str,
    plan: Plan,
    results: Results,
    paper: PaperTable,
) -> Cell:
    measure = MEASURES[metric]
    printed = _printed(row, language, metric, plan, paper)
    told = printed.value if printed else None
    notes: tuple[str, ...] = (printed.note,) if printed and printed.note else ()
    if policy is None:
        return Cell(row.name, language, metric, paper=told, missing=NOT_IN_RUN, notes=notes)
    languages = plan.languages if language == "avg" else (language,)
    ours = results.mean(measure, policy, languages)
    if ours is None:
        missing = _why_missing(metric, policy, languages, results)
        return Cell(row.name, language, metric, paper=told, missing=missing, notes=notes)
    interval = results.interval(measure, policy, languages, plan.seed)
    low, high = interval or (None, None)
    difference = ours - float(told) if told and plan.comparable else None
    notes += (note,) if note and language == "avg" else ()
    for one in languages:
        known = results.metrics(measure.evaluation, policy, one) or {}
        task = known.get(measure.value.partition(".")[0])
        if isinstance(task, dict) and task.get("substitute"):
            notes += (f"{task.get('task', 'another task')} stands in for {metric} in {one}",)
    return Cell(row.name, language, metric, ours, low, high, told, difference, "", notes)


def _why_missing(metric: str, policy: str, languages: Sequence[str], results: Results) -> str:
    measure = MEASURES[metric]
    key = measure.value.partition(".")[0]
    made = [key in (results.metrics(measure.evaluation, policy, la) or {}) for la in languages]
    if all(made):
        return NOT_COMPUTED
    return INCOMPLETE if any(made) else NOT_RUN


def _printed(row: Row, language: str, metric: str, plan: Plan, paper: PaperTable) -> Printed | None:
    """The paper's cell; of an average, only if it is over the same languages."""
    if language == "avg" and not plan.same_languages:
        return None
    return paper.cells.get((row.name, language, metric))


def _setting(row: Row, field: str, plan: Plan, paper: PaperTable) -> Cell:
    printed = paper.cells.get((row.name, "", field))
    told = printed.value if printed else None
    fields = (plan.settings or {}).get(row.name)
    if fields is None:
        return Cell(row.name, "", field, paper=told, missing=NOT_IN_RUN)
    ours = fields[field]
    try:
        difference = float(ours) - float(told or "") if plan.comparable else None
    except ValueError:
        difference = None
    return Cell(row.name, "", field, ours, paper=told, difference=difference)
