"""Summary tables: averages of main's policies, the miniature's claims, accuracies of rewards."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from icr.evaluation.rewardbench.table import headline
from icr.report.elements import Table
from icr.tables.costs import Metrics

UNITS = {
    "win_rate": "{:.1%}",
    "accuracy": "{:+.1%}",
    "length": "{:+.1f}",
    "mtbench": "{:+.2f}",
    "mc2": "{:+.3f}",
    "rewardbench": "{:+.1%}",
}


def averages(
    metrics: Metrics, titles: Mapping[str, str], columns: Sequence[Mapping[str, Any]]
) -> Table | None:
    """English and the mean of the other languages, one row per policy; None without metrics.

    ``titles`` maps main's policies, in order, to their titles. ``columns`` hold an ``evaluation``
    and the fields of an :class:`icr.evaluation.judged.Average`.
    """
    rows = [
        [title, policy, *(_mean(metrics, policy, column) for column in columns)]
        for policy, title in titles.items()
    ]
    rows = [row for row in rows if set(row[2:]) != {"–"}]
    kept = [n for n in range(len(columns)) if any(row[n + 2] != "–" for row in rows)]
    if not rows:
        return None
    return Table(
        ["", "policy", *(columns[n]["heading"] for n in kept)],
        [[*row[:2], *(row[n + 2] for n in kept)] for row in rows],
        "The main experiment: English, and the mean of the other languages, which have no "
        "alignment data. Win rates in percent, against the reference answers; ± two standard "
        "errors, with languages treated as independent.",
    )


def claims_table(claims: Sequence[Mapping[str, Any]]) -> Table | None:
    """The claims with their measured values (icr.miniature.claims); None without claims."""
    rows = []
    for claim in claims:
        unit = UNITS[claim["measure"]]
        value, margin = unit.format(claim["value"]), unit.format(2 * claim["error"]).lstrip("+")
        measured = f"{value} ± {margin}" + (" characters" if claim["measure"] == "length" else "")
        rows.append([claim["claim"], claim["verdict"], measured, *claim["policies"]])
    if not rows:
        return None
    return Table(
        ["claim", "in this run", "measured", "policy", "against"],
        rows,
        "The paper's claims, decided by the miniature's oracle on held-out questions: win rates "
        "and reward accuracies over the languages without alignment data, lengths over all. A "
        "claim is shown if it holds by more than two standard errors.",
    )


def rewardbench_table(table: pd.DataFrame | None) -> Table | None:
    """Each reward's accuracy by language; None without a table.

    ``table`` is that of :func:`icr.evaluation.rewardbench.table.rows`. Its scores over categories
    are shown if it has them.
    """
    if table is None:
        return None
    kind, table = headline(table)
    languages = list(dict.fromkeys(table["language"]))
    rows = []
    for (view, rewarded), values in table.groupby(["view", "rewarded"], sort=False):
        by_language = values.set_index("language").reindex(languages)
        cells = [
            "–" if accuracy != accuracy else f"{100 * accuracy:.1f} ± {200 * error:.1f}"
            for accuracy, error in by_language[["accuracy", "se"]].to_numpy(float)
        ]
        rows.append(
            [str(rewarded), str(view), *cells, f"{100 * by_language['accuracy'].mean():.1f}"]
        )
    return Table(
        ["reward", "view", *languages, "mean"],
        rows,
        "Share of triples whose chosen response has more reward than the rejected one, in percent "
        "± two standard errors"
        + (": the mean over categories of subsets." if kind == "score" else "."),
    )


def _mean(metrics: Metrics, policy: str, column: Mapping[str, Any]) -> str:
    """Mean over languages, with two standard errors if every language has one."""
    evaluation, metric, form = (column[key] for key in ("evaluation", "metric", "format"))
    candidates = [
        _benchmarks(scores) if evaluation == "nlp" else scores
        for (kind, name, language), scores in metrics.items()
        if (kind, name) == (evaluation, policy) and (language == "en") == column["english"]
    ]
    scored = [scores for scores in candidates if scores.get(metric) is not None]
    if not scored:
        return "–"
    mean = format(sum(scores[metric] for scores in scored) / len(scored), form)
    errors = [scores.get(f"{metric}_se") for scores in scored]
    known = [error for error in errors if error is not None]
    if len(known) < len(scored) or not any(known):
        return mean
    return f"{mean} ± {format(2 * sum(e**2 for e in known) ** 0.5 / len(scored), form)}"


def _benchmarks(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Mean over a language's benchmarks; the error assumes that theirs are fully correlated."""
    values = [score["value"] for score in scores.values()]
    errors = [score["stderr"] for score in scores.values()]
    mean = sum(values) / len(values)
    return {"mean": mean, "mean_se": None if None in errors else sum(errors) / len(errors)}
