"""Reward accuracy against win rate."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from icr.figures.style import MARKERS, colour, panels

Metrics = Mapping[tuple[str, str], Mapping[str, Any]]
"""Contents of metric files by policy and language."""


def accuracy_and_win_rate(accuracy: Metrics, win_rate: Metrics) -> Figure:
    """A point a policy and language: colours tell languages, markers policies.

    ``accuracy`` is of the pairs that a policy was trained on, ``win_rate`` the policy's own. Both
    have the same policies and languages, and are drawn on the scales of their files.
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
    figure, (axis,) = panels(1, width=5.2, height=3.2)
    languages = list(dict.fromkeys(table["language"]))
    for place, (policy, rows) in enumerate(table.groupby("policy", sort=False)):
        axis.scatter(
            rows["accuracy"],
            rows["win_rate"],
            c=[colour(languages.index(language)) for language in rows["language"]],
            marker=MARKERS[place % len(MARKERS)],
            s=28,
        )
        axis.scatter([], [], c="grey", marker=MARKERS[place % len(MARKERS)], s=28, label=policy)
    for place, language in enumerate(languages):
        axis.plot([], [], color=colour(place), lw=4, label=language)
    axis.set(xlabel="reward accuracy of the pairs", ylabel="win rate of the policy")
    axis.legend(fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
