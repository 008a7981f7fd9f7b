"""Reward accuracy against win rate."""

import pandas as pd
from matplotlib.figure import Figure

from icr.figures.style import MARKERS, colour, panels


def accuracy_and_win_rate(table: pd.DataFrame) -> Figure:
    """A point a policy and language: colours tell languages, markers policies.

    ``table`` has the columns policy, language, accuracy (of the pairs that the policy was trained
    on) and win_rate, on whatever scales they were written in.
    """
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
