"""What came out, in short: averages of main's policies, and the claims that a miniature decides."""

from collections.abc import Mapping, Sequence
from typing import Any

from icr.report.parts import Table
from icr.tables.costs import Metrics

COLUMNS = (
    ("win rate in English", "xalpacaeval", "win_rate", ".1f", True),
    ("win rate elsewhere", "xalpacaeval", "win_rate", ".1f", False),
    ("length-controlled, elsewhere", "xalpacaeval", "lc_win_rate", ".1f", False),
    ("MT-Bench in English", "mtbench", "score", ".2f", True),
    ("MT-Bench elsewhere", "mtbench", "score", ".2f", False),
    ("NLP benchmarks in English", "nlp", "mean", ".3f", True),
    ("NLP benchmarks elsewhere", "nlp", "mean", ".3f", False),
    ("its pairs' accuracy elsewhere", "reward_accuracy", "accuracy", ".3f", False),
)
"""Head, evaluation, metric, format, and whether of English or of the other languages' mean."""
UNITS = {
    "win_rate": "{:.1%}",
    "accuracy": "{:+.1%}",
    "length": "{:+.1f}",
    "mtbench": "{:+.2f}",
    "mc2": "{:+.3f}",
}


def averages(metrics: Metrics, titles: Mapping[str, str]) -> Table | None:
    """English beside the mean of the other languages, a row a policy; None if nothing was judged.

    ``titles`` holds what main's policies are called, in their order.
    """
    rows = [
        [title, policy, *(_mean(metrics, policy, *column[1:]) for column in COLUMNS)]
        for policy, title in titles.items()
    ]
    rows = [row for row in rows if set(row[2:]) != {"–"}]
    kept = [n for n in range(len(COLUMNS)) if any(row[n + 2] != "–" for row in rows)]
    if not rows:
        return None
    return Table(
        ["", "policy", *(COLUMNS[n][0] for n in kept)],
        [[*row[:2], *(row[n + 2] for n in kept)] for row in rows],
        "The main experiment: English, and the mean of the languages that the English alignment "
        "never saw. Win rates in percent, against the reference's answers; ± two standard errors, "
        "the languages taken as independent.",
    )


def claims_table(claims: Sequence[Mapping[str, Any]]) -> Table | None:
    """The claims with what was measured of them (icr.miniature.claims)."""
    rows = []
    for one in claims:
        unit = UNITS[one["measure"]]
        value, margin = unit.format(one["value"]), unit.format(2 * one["error"]).lstrip("+")
        measured = f"{value} ± {margin}" + (" characters" if one["measure"] == "length" else "")
        rows.append([one["claim"], one["verdict"], measured, *one["policies"]])
    if not rows:
        return None
    return Table(
        ["claim", "in this run", "measured", "policy", "against"],
        rows,
        "What the paper claims, decided by the oracle of this small world on questions kept out "
        "of training: win rates and reward accuracies in the languages that the English alignment "
        "never saw, lengths in all. Shown: by more than two standard errors.",
    )


def _mean(
    metrics: Metrics, policy: str, evaluation: str, metric: str, form: str, english: bool
) -> str:
    """Mean over languages, with two standard errors where all have one."""
    asked = [
        _benchmarks(one) if evaluation == "nlp" else one
        for (kind, name, language), one in metrics.items()
        if (kind, name) == (evaluation, policy) and (language == "en") == english
    ]
    found = [one for one in asked if one.get(metric) is not None]
    if not found:
        return "–"
    mean = format(sum(one[metric] for one in found) / len(found), form)
    errors = [one.get(f"{metric}_se") for one in found]
    known = [error for error in errors if error is not None]
    if len(known) < len(found):
        return mean
    return f"{mean} ± {format(2 * sum(e**2 for e in known) ** 0.5 / len(found), form)}"


def _benchmarks(scores: Mapping[str, Any]) -> dict[str, Any]:
    """Mean over a language's benchmarks, whose errors may go together and are not averaged out."""
    values = [one["value"] for one in scores.values()]
    errors = [one["stderr"] for one in scores.values()]
    mean = sum(values) / len(values)
    return {"mean": mean, "mean_se": None if None in errors else sum(errors) / len(errors)}
