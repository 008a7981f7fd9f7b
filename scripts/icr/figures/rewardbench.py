"""Rewards on preference triples: their accuracy by language, and the representation shift."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from icr.evaluation.rewardbench.shift import HEADINGS
from icr.evaluation.rewardbench.table import headline
from icr.evaluation.rewardbench.table import rows as measures
from icr.figures.style import colour, dodged, legend, marker, panels

SYMBOLS = {"crosslingual": "$R_c$", "multilingual": "$R_m$"}
"""Signs of the implicit rewards, by their view."""
GAP, SPAN = 0.12, 0.7
"""Horizontal distance of two rewards in one language, and the largest of the outermost two."""


def accuracy_by_language(metrics: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> Figure:
    """Each reward in each language, and its mean: the score by category, else the accuracy.

    ``metrics`` maps view, name of the reward and language to its metrics. Bars are 95 % intervals
    over triples; the mean's takes languages as independent, although they translate one set.
    """
    kind, table = headline(measures(metrics))
    rewards = list(table.groupby(["view", "rewarded"], sort=False))
    languages = list(dict.fromkeys(table["language"]))
    figure, (axis,) = panels(1, height=2.8)
    span = min(SPAN, GAP * (len(rewards) - 1))
    for number, ((view, name), rows) in enumerate(rewards):
        by_language = rows.set_index("language").loc[languages]
        values, errors = 100 * by_language["accuracy"], 196 * by_language["se"]
        x = np.arange(len(languages) + 1) + dodged(number, len(rewards), span)
        axis.errorbar(
            x,
            [*values, values.mean()],
            yerr=[*errors, np.linalg.norm(errors) / len(errors)],
            linestyle="none",
            color=colour(number),
            marker=marker(number),
            markersize=4,
            elinewidth=1,
            label=f"{SYMBOLS.get(str(view), '')} {name}".strip(),
        )
    axis.axhline(50, color="grey", linewidth=0.6, linestyle="--")
    axis.set_xticks(range(len(languages) + 1), [*languages, "mean"])
    axis.set_xlim(-0.6, len(languages) + 0.6)
    axis.grid(axis="x", visible=False)
    axis.set_ylabel(f"{kind} (%)")
    legend(figure, [axis])
    return figure


def representation_shift(shifts: Mapping[str, pd.DataFrame]) -> Figure:
    """One panel per text: the shift of each reward model, with raw and with normalised states.

    ``shifts`` holds the table of :func:`icr.evaluation.rewardbench.shift.shifts` under ``all``.
    Bars are 95 % intervals over triples.
    """
    table = shifts["all"]
    models = list(dict.fromkeys(table["model"]))
    texts = list(dict.fromkeys(table["text"]))
    variants = list(dict.fromkeys(table["variant"]))
    figure, axes = panels(len(texts), columns=2, height=0.9 + 0.25 * len(models))
    for axis, text in zip(axes, texts, strict=True):
        for number, variant in enumerate(variants):
            rows = table[(table["text"] == text) & (table["variant"] == variant)]
            rows = rows.set_index("model").loc[models]
            axis.errorbar(
                rows["shift"],
                np.arange(len(models)) + dodged(number, len(variants), 0.25),
                xerr=1.96 * rows["shift_se"],
                linestyle="none",
                color=colour(number),
                marker=marker(number),
                markersize=4,
                elinewidth=1,
                label=f"{variant} states",
            )
        axis.axvline(0, color="grey", linewidth=0.6, linestyle="--")
        axis.set_yticks(range(len(models)), models if axis is axes[0] else [""] * len(models))
        axis.set_ylim(len(models) - 0.5, -0.5)
        axis.set_xlabel("change of f by training")
        axis.set_title(HEADINGS[text], fontsize=9)
    legend(figure, axes)
    return figure
