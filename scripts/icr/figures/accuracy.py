"""Reward accuracy against win rate."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from icr.figures.style import colour, legend, marker, narrowing, panels

Metrics = Mapping[tuple[str, str], Mapping[str, Any]]
"""Contents of metric files by policy and language."""


def accuracy_and_win_rate(accuracy: Metrics, win_rate: Metrics) -> Figure:
    """One point per policy and language; the colour is the language, the marker the policy.

    Points of later policies are smaller, and so do not hide those of earlier ones.

    ``accuracy`` is that of the pairs that a policy was trained on, ``win_rate`` that of the policy.
    Both have the same policies and languages, and are drawn on the scales of their files.
    """
    table = pd.DataFrame(
        {
            "policy": policy,
            "language": language,
            "accuracy": metrics["accuracy"],
            "win_rate": win_rate[policy, language]["win_rate"],
        }
        for (policy, language), metrics in accuracy.items()
    )
    figure, (axis,) = panels(1, height=3.0)
    languages = list(dict.fromkeys(table["language"]))
    policies = list(table.groupby("policy", sort=False))
    for number, (policy, rows) in enumerate(policies):
        shape = marker(number)
        axis.scatter(
            rows["accuracy"],
            rows["win_rate"],
            c=[colour(languages.index(language)) for language in rows["language"]],
            marker=shape,
            s=narrowing(number, len(policies), 90, 24),
            edgecolors="white",
            linewidths=0.7,
        )
        axis.scatter([], [], c="grey", marker=shape, s=28, label=policy)
    for number, language in enumerate(languages):
        axis.plot([], [], color=colour(number), lw=4, label=language)
    axis.set(xlabel="reward accuracy of the pairs", ylabel="win rate of the policy")
    legend(figure, [axis])
    return figure
