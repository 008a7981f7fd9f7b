"""Win rates by language and iteration (Figure 1)."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from icr.figures.style import colour, legend, marker, panels

RATES = {"win_rate": "win rate", "lc_win_rate": "length-controlled"}
LINES = ("-", "--")
OFFSET = 0.1
"""Horizontal distance of each rate from its iteration, so that error bars do not overlap."""


def win_rate_rise(
    metrics: Mapping[tuple[str, str], Mapping[str, Any]], titles: Mapping[str, str]
) -> Figure:
    """Both win rates by iteration, one panel per language; bars are 95 % intervals.

    ``metrics`` holds the contents of metric files by policy and language, policies in order;
    ``titles`` names the policies on the axis. A rate that could not be computed has no point.
    """
    languages = list(dict.fromkeys(language for _, language in metrics))
    figure, axes = panels(len(languages))
    for axis in axes[1:]:
        axis.sharey(axes[0])
        axis.tick_params(labelleft=False)
    for axis, language in zip(axes, languages, strict=True):
        rows = [row for (_, row_language), row in metrics.items() if row_language == language]
        for number, (key, label) in enumerate(RATES.items()):
            points = [
                (x + OFFSET * (2 * number - 1), row[key], 1.96 * (row[f"{key}_se"] or 0.0))
                for x, row in enumerate(rows)
                if row[key] is not None
            ]
            if points:
                x, y, error = zip(*points, strict=True)
                style = f"{marker(number)}{LINES[number]}"
                axis.errorbar(
                    x,
                    y,
                    yerr=error,
                    fmt=style,
                    color=colour(number),
                    capsize=3,
                    label=label,
                    markersize=4,
                )
        axis.set_xticks(range(len(titles)), list(titles.values()))
        axis.set_title(language)
        axis.set_xlim(-0.4, len(titles) - 0.6)
    axes[0].set_ylabel("win rate against\nthe reference (%)")
    legend(figure, axes)
    return figure
