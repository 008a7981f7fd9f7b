"""Win rates by language and iteration (Figure 1)."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from icr.figures.style import MARKERS, colour, panels

RATES = {"win_rate": "win rate", "lc_win_rate": "length-controlled"}
LINES = ("-", "--")
APART = 0.06
"""How far the two rates stand beside each other's iteration, so that no bar hides another."""


def win_rate_rise(
    metrics: Mapping[str, Mapping[str, Mapping[str, Any]]], titles: Sequence[str]
) -> Figure:
    """Both win rates against the iteration, a panel a language; bars are 95 % intervals.

    ``metrics`` maps languages to policies, in order, to the contents of their metric files;
    ``titles`` names the policies on the axis. A rate that could not be computed is left out.
    """
    figure, axes = panels(len(metrics), width=1.9, height=2.6)
    for axis in axes[1:]:
        axis.sharey(axes[0])
        axis.tick_params(labelleft=False)
    for axis, (language, by_policy) in zip(axes, metrics.items(), strict=True):
        for place, (key, label) in enumerate(RATES.items()):
            points = [
                (x + APART * (2 * place - 1), row[key], 1.96 * (row[f"{key}_se"] or 0.0))
                for x, row in enumerate(by_policy.values())
                if row[key] is not None
            ]
            if points:
                x, y, error = zip(*points, strict=True)
                look = f"{MARKERS[place]}{LINES[place]}"
                axis.errorbar(
                    x, y, yerr=error, fmt=look, color=colour(place), capsize=3, label=label
                )
        axis.set_xticks(range(len(titles)), titles)
        axis.set_title(language)
        axis.set_xlim(-0.4, len(titles) - 0.6)
    axes[0].set_ylabel("win rate against\nthe reference (%)")
    axes[-1].legend(fontsize=7)
    return figure
