"""Scores on NLP benchmarks: the alignment tax, if any (Tables 4 and 14)."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from icr.figures.style import colour, dodged, legend, marker, panels

TITLES = {
    "arc": "ARC challenge",
    "hellaswag": "HellaSwag",
    "mmlu": "MMLU",
    "truthfulqa_mc1": "TruthfulQA MC1",
    "truthfulqa_mc2": "TruthfulQA MC2",
}


def benchmark_scores(metrics: Mapping[tuple[str, str], Mapping[str, Any]]) -> Figure:
    """Score by language, one panel per benchmark, one colour per policy; bars are ±1.96 s.e.

    ``metrics`` maps (policy, language) to the content of a metric file. A language without a task
    of a benchmark has no point; one with a substitute task is marked by a star.
    """
    policies = list(dict.fromkeys(policy for policy, _ in metrics))
    languages = list(dict.fromkeys(language for _, language in metrics))
    names = list(dict.fromkeys(name for file in metrics.values() for name in file))
    figure, axes = panels(len(names), columns=3)
    for axis, name in zip(axes, names, strict=True):
        stars = set()
        for number, policy in enumerate(policies):
            shift = dodged(number, len(policies), 0.5)
            points = []
            for x, language in enumerate(languages):
                if cell := metrics.get((policy, language), {}).get(name):
                    half = 1.96 * (cell["stderr"] or 0)
                    value = cell["value"]
                    points.append((x + shift, value, min(half, value), min(half, 1 - value)))
                    stars |= {language} if cell["substitute"] else set()
            if not points:
                continue
            xs, values, *errors = zip(*points, strict=True)
            axis.errorbar(
                xs,
                values,
                yerr=errors,
                color=colour(number),
                marker=marker(number),
                markersize=4,
                linestyle="none",
                capsize=2,
                label=policy,
            )
        labels = [f"{language}*" if language in stars else language for language in languages]
        axis.set_xticks(range(len(languages)), labels)
        axis.set_title(TITLES.get(name, name))
    axes[0].set_ylabel("score")
    legend(figure, axes)
    return figure
