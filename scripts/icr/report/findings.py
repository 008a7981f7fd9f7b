"""What each figure shows in this run, in one sentence made from the numbers that it draws."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from icr.evaluation.rewardbench.table import headline
from icr.report.cost_tables import clock
from icr.report.pair_tables import Pairs
from icr.tables.costs import Metrics


@dataclass(frozen=True)
class Numbers:
    """The numbers behind the figures."""

    titles: Mapping[str, str]
    """π_I, π⁰, π¹ … by the names of main's policies, in order."""
    metrics: Metrics
    pairs: Pairs
    training: Mapping[str, Mapping[str, Any]]
    costs: pd.DataFrame
    """Of :func:`icr.tables.costs.stage_costs`."""
    points: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """CSV files of figures, by the figure's name."""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Labels of rows, by the names of the paper's figures."""


def finding(name: str, numbers: Numbers) -> str:
    """The finding of figure ``name``; empty for figures without one and without numbers for it."""
    if name in numbers.labels:
        return _rows(name, numbers)
    if name in FINDINGS:
        return FINDINGS[name](numbers)
    return _judged(name, numbers, "score", "The mean score", ".2f")


def _scores(numbers: Numbers) -> str:
    table = numbers.points.get("scores")
    if table is None:
        return ""
    means = {
        str(policy): float(rows.loc[rows["language"] != "en", "mean"].mean())
        for policy, rows in table.groupby("policy", sort=False)
    }
    return _course("The oracle's mean score", _titled(means, numbers), ".2f")


def _judged(name: str, numbers: Numbers, key: str, what: str, form: str) -> str:
    return _course(what, _titled(_means(name, key, numbers), numbers), form)


def _nlp(numbers: Numbers) -> str:
    """The benchmark and language in which the last policy loses most against π⁰."""
    measured = {policy for evaluation, policy, _ in numbers.metrics if evaluation == "nlp"}
    policies = [policy for policy in [*numbers.titles][1:] if policy in measured]
    if len(policies) < 2:
        return ""
    first, last = policies[0], policies[-1]
    changes = {
        (benchmark, language): score["value"] - before[benchmark]["value"]
        for (evaluation, policy, language), scores in numbers.metrics.items()
        if (evaluation, policy) == ("nlp", last)
        and (before := numbers.metrics.get(("nlp", first, language)))
        for benchmark, score in scores.items()
        if benchmark in before
    }
    if not changes:
        return ""
    (benchmark, language), least = min(changes.items(), key=lambda item: item[1])
    start, end = numbers.titles[first], numbers.titles[last]
    mean = f"From {start} to {end}, accuracy changes by {_mean(changes.values()):+.3f} on average"
    if least >= 0:
        return f"{mean}, and falls on no benchmark in any language."
    return f"{mean}, and falls most on {benchmark} in {language}, by {-least:.3f}."


def _reward_accuracy(numbers: Numbers) -> str:
    means = _means("reward-accuracy", "accuracy", numbers, english=True)
    if not means:
        return ""
    best, worst = max(means, key=lambda p: means[p]), min(means, key=lambda p: means[p])
    text = f"The pairs of {best} agree with the judge in {means[best]:.0%} of the cases"
    return f"{text}." if best == worst else f"{text}, those of {worst} in {means[worst]:.0%}."


def _rewardbench(numbers: Numbers) -> str:
    """The most and the least accurate reward, over the languages other than English."""
    table = numbers.points.get("rewardbench")
    if table is None:
        return ""
    kind, values = headline(table)
    others = values[values["language"] != "en"]
    means = {
        f"{rewarded} ({view})": _mean(rows["accuracy"])
        for (view, rewarded), rows in others.groupby(["view", "rewarded"], sort=False)
    }
    if len(means) < 2:
        return ""
    best, worst = max(means, key=lambda r: means[r]), min(means, key=lambda r: means[r])
    return (
        f"Averaged over the languages other than English, the {kind} is {means[best]:.1%} for "
        f"{best}, the highest, and {means[worst]:.1%} for {worst}, the lowest."
    )


def _representation(numbers: Numbers) -> str:
    """The reward models whose training changed f of conversations most and least."""
    table = numbers.points.get("representation")
    if table is None:
        return ""
    rows = table[(table["text"] == "conversation") & (table["variant"] == "normalised")]
    shifts = rows.set_index("model")["shift"]
    text = f"Training {shifts.idxmax()} changed f of conversations by {shifts.max():+.4f}"
    if len(shifts) < 2:
        return f"{text} (normalised states)."
    return f"{text}, training {shifts.idxmin()} by {shifts.min():+.4f} (normalised states)."


def _accuracy(numbers: Numbers) -> str:
    points = [
        (metrics["accuracy"], win_rate["win_rate"])
        for (evaluation, policy, language), metrics in numbers.metrics.items()
        if evaluation == "reward-accuracy"
        and (win_rate := numbers.metrics.get(("xalpacaeval", policy, language)))
    ]
    if len(points) < 3 or min(np.ptp(np.array(points), axis=0)) == 0:
        return ""
    correlation = np.corrcoef(np.array(points).T)[0, 1]
    return (
        f"Over {len(points)} points, reward accuracy and win rate have a correlation of "
        f"{correlation:+.2f}."
    )


def _lengths(numbers: Numbers) -> str:
    means = _means("xalpacaeval", "length", numbers, english=True)
    return _course("The mean length of main's answers", _titled(means, numbers), ".0f", where="")


def _alpha(numbers: Numbers) -> str:
    alphas = [
        summary["alpha"]
        for summaries in numbers.pairs.values()
        for summary in summaries.values()
        if summary["alpha"] and summary["alpha"]["mode"] != "none"
    ]
    if not alphas:
        return ""
    without = _mean(alpha["difference_without"] for alpha in alphas)
    rest = max(abs(alpha["difference"]) for alpha in alphas)
    return (
        f"Without the penalty, chosen responses would differ from rejected ones by {without:+.1f} "
        f"characters on average; with it, by {rest:.1f} at most."
    )


def _rewards(numbers: Numbers) -> str:
    ratios = [
        summary["reward_spread"] / summary["noise_floor"]
        for summaries in numbers.pairs.values()
        for summary in summaries.values()
        if summary["noise_floor"] and summary["reward_spread"]
    ]
    if not ratios:
        return ""
    return (
        "The rewards of one prompt's responses spread over at least "
        f"{min(ratios):,.0f} times their numerical error."
    )


def _training(numbers: Numbers) -> str:
    final = {policy: summary.get("final", {}) for policy, summary in numbers.training.items()}
    values = {p: last["accuracy"] for p, last in final.items() if last.get("accuracy") is not None}
    if not values:
        return ""
    worst = min(values, key=lambda policy: values[policy])
    return (
        f"On the last step, between {values[worst]:.0%} ({worst}) and {max(values.values()):.0%} "
        "of the pairs have the higher reward on the chosen response."
    )


def _costs(numbers: Numbers) -> str:
    column = "gpu_hours" if numbers.costs["gpu_hours"].sum() else "hours"
    total = numbers.costs[column].sum()
    if not total:
        return ""
    most = numbers.costs.sort_values(column, kind="stable").iloc[-1]
    unit = " of a GPU" if column == "gpu_hours" else ""
    return (
        f"The stage '{most['stage']}' takes the most time: {clock(most[column])} of "
        f"{clock(total)}{unit}."
    )


def _rows(name: str, numbers: Numbers) -> str:
    """The rows of a figure of the paper with the highest and the lowest average, beside its own."""
    table, labels = numbers.points.get(name), numbers.labels[name]
    if table is None:
        return ""
    table = table[(table["language"] == "avg") & pd.to_numeric(table["ours"]).notna()]
    if table["row"].nunique() < 2:
        return ""
    metric = table["metric"].iloc[-1]
    rows = table[table["metric"] == metric].astype({"ours": float, "paper": float})
    rows = rows.set_index("row")
    highest, lowest = rows["ours"].idxmax(), rows["ours"].idxmin()
    text = (
        f"Average {metric} is highest for {labels[highest]} ({rows['ours'][highest]:.1f}) and "
        f"lowest for {labels[lowest]} ({rows['ours'][lowest]:.1f})"
    )
    if rows["paper"].isna().any():
        return f"{text}."
    highest, lowest = rows["paper"].idxmax(), rows["paper"].idxmin()
    return f"{text}; in the paper for {labels[highest]} and {labels[lowest]}."


FINDINGS: dict[str, Callable[[Numbers], str]] = {
    "scores": _scores,
    "xalpacaeval": lambda n: _judged(
        "xalpacaeval", n, "win_rate", "The win rate over the reference", ".1f"
    ),
    "mtbench": lambda n: _judged("mtbench", n, "score", "The mean grade", ".2f"),
    "nlp": _nlp,
    "reward-accuracy": _reward_accuracy,
    "rewardbench": _rewardbench,
    "representation": _representation,
    "accuracy": _accuracy,
    "lengths": _lengths,
    "alpha": _alpha,
    "rewards": _rewards,
    "training": _training,
    "costs": _costs,
}
"""The sentence by the figure's name; other figures show scores of a judged benchmark."""


def _means(evaluation: str, key: str, numbers: Numbers, english: bool = False) -> dict[str, float]:
    """A metric's mean over the languages (English only if there is no other), by policy."""
    values: dict[str, dict[str, float]] = {}
    for (kind, policy, language), metrics in numbers.metrics.items():
        if kind == evaluation and metrics.get(key) is not None:
            values.setdefault(policy, {})[language] = metrics[key]
    means = {}
    for policy, by_language in values.items():
        others = [value for la, value in by_language.items() if english or la != "en"]
        means[policy] = _mean(others or by_language.values())
    return means


def _titled(means: Mapping[str, float], numbers: Numbers) -> list[tuple[str, float]]:
    """Title and mean of main's policies, in order."""
    return [(title, means[p]) for p, title in numbers.titles.items() if p in means]


def _course(
    what: str,
    points: Sequence[tuple[str, float]],
    form: str,
    where: str = ", averaged over the languages other than English,",
) -> str:
    """How a number goes from one policy to the next; empty with fewer than two policies."""
    if len(points) < 2:
        return ""
    texts = [format(value, form) for _, value in points]
    shown = [float(text) for text in texts]
    steps = np.diff(shown)
    verb = "changes"
    if not steps.any():
        return f"{what}{where} stays at {texts[0]} from {points[0][0]} to {points[-1][0]}."
    if (steps >= 0).all():
        verb = "rises"
    elif (steps <= 0).all():
        verb = "falls"
    course = " to ".join(
        f"{text} ({title})" for text, (title, _) in zip(texts, points, strict=True)
    )
    return f"{what}{where} {verb} from {course}."


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
