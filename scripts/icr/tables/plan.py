"""What a run's configuration makes of a table: policies, columns, the files to wait for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from icr.tables.results import Key
from icr.tables.spec import Table


def planned(
    table: Table,
    languages: Sequence[str],
    role: Callable[[str], str | None],
    settings: Callable[[str], Mapping[str, str] | None],
    measured: Collection[Key],
) -> dict[str, Any]:
    """Languages, policies by row and settings by row: arguments of :class:`icr.tables.cells.Plan`.

    ``role`` gives the policy behind a name or role, or None; ``settings`` the fields of an
    experiment, or None. Stored answers of other systems are policies without a model: they are
    told by standing among what is ``measured``.
    """
    stored = {policy for _, policy, _ in measured}
    policies: dict[str, list[str]] = {}
    for row in table.rows:
        found = [role(name) or (name if name in stored else None) for name in row.policies]
        policies[row.name] = list(dict.fromkeys(policy for policy in found if policy))
    fields = {row.name: settings(row.experiment) for row in table.rows if row.experiment}
    return {
        "languages": list(languages),
        "policies": policies,
        "settings": {row: one for row, one in fields.items() if one is not None},
    }


def metric_files(
    table: Table, plan: Mapping[str, Any], measured: Mapping[Key, str]
) -> dict[Key, str]:
    """The metric files that a table's cells read, of all that are ``measured``."""
    wanted = {
        (evaluation, policy, language)
        for evaluation in table.evaluations()
        for policies in plan["policies"].values()
        for policy in policies
        for language in plan["languages"]
    }
    return {key: path for key, path in measured.items() if key in wanted}
