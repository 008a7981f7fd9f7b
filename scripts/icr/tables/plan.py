"""Plan a table for a run: its policies, its columns, and the metric files that it reads."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from icr.tables.results import Key
from icr.tables.spec import Table


def plan_table(
    table: Table,
    languages: Sequence[str],
    role: Callable[[str], str | None],
    settings: Callable[[str], Mapping[str, str] | None],
    measured: Collection[Key],
) -> dict[str, Any]:
    """Languages, policies by row and settings by row: arguments of :class:`icr.tables.cells.Plan`.

    ``role`` maps a policy's name or role to the policy, or None; ``settings`` maps an experiment to
    its fields, or None. Other systems, of which only answers are stored, count as policies if the
    ``measured`` metric files include theirs.
    """
    stored = {policy for _, policy, _ in measured}
    policies: dict[str, list[str]] = {}
    for row in table.rows:
        known = [role(name) or (name if name in stored else None) for name in row.policies]
        policies[row.name] = list(dict.fromkeys(policy for policy in known if policy))
    fields = {row.name: settings(row.experiment) for row in table.rows if row.experiment}
    return {
        "languages": list(languages),
        "policies": policies,
        "settings": {row: values for row, values in fields.items() if values is not None},
    }


def metric_files(
    table: Table, plan: Mapping[str, Any], measured: Mapping[Key, str]
) -> dict[Key, str]:
    """Those of the ``measured`` metric files that a table's cells read."""
    needed = {
        (evaluation, policy, language)
        for evaluation in table.evaluations()
        for policies in plan["policies"].values()
        for policy in policies
        for language in plan["languages"]
    }
    return {key: path for key, path in measured.items() if key in needed}
