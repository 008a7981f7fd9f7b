"""Response length against iteration."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from icr.figures.style import colour, dodged, legend, marker, panels
from icr.tables.lineages import sign

Lengths = Mapping[tuple[str, str], float]
"""Mean response length in characters by policy and language."""


def response_lengths(
    judged: Mapping[tuple[str, str], Mapping[str, Any]],
    sampled: Mapping[tuple[str, str], Mapping[str, Any]],
    lineages: Mapping[str, Sequence[str]],
) -> Figure:
    """Lengths of the judged answers by iteration, or of the samples if nothing was judged.

    ``judged`` holds metrics of X-AlpacaEval and ``sampled`` summaries of pair building, both by
    policy and language.
    """
    table = lengths(
        lineages,
        {cell: metrics["length"] for cell, metrics in judged.items()},
        {cell: summary["responses"]["mean_length"] for cell, summary in sampled.items()},
    )
    return length_rise(table, "judged answers" if judged else "samples")


def lengths(
    lineages: Mapping[str, Sequence[str]], judged: Lengths, sampled: Lengths
) -> pd.DataFrame:
    """Columns experiment, iteration, language, length; only experiments with two points or more.

    ``lineages`` holds π_I, π⁰, π¹ … of each experiment. ``judged`` holds the lengths of a policy's
    judged answers. If it is empty, the samples are used: ``sampled`` holds, under π^t, the lengths
    of the samples that π^{t-1} drew for it.
    """
    rows = []
    for experiment, (_, *policies) in lineages.items():
        for t, policy in enumerate(policies):
            name = policy if judged else (policies[t + 1] if t + 1 < len(policies) else None)
            rows += [
                {"experiment": experiment, "iteration": t, "language": language, "length": length}
                for (owner, language), length in (judged or sampled).items()
                if owner == name
            ]
    table = pd.DataFrame(rows, columns=["experiment", "iteration", "language", "length"])
    points = table.groupby("experiment")["iteration"].transform("nunique")
    return table[points > 1]


def length_rise(table: pd.DataFrame, texts: str) -> Figure:
    """Mean length of ``texts`` by iteration, one panel per experiment, one line per language."""
    groups = list(table.groupby("experiment", sort=False))
    figure, axes = panels(max(1, len(groups)), columns=4)
    for axis, (experiment, rows) in zip(axes, groups, strict=False):
        lines = list(rows.groupby("language", sort=False))
        for number, (language, line) in enumerate(lines):
            axis.plot(
                line["iteration"] + dodged(number, len(lines), 0.16),
                line["length"],
                color=colour(number),
                marker=marker(number),
                markersize=4,
                label=language,
            )
        axis.set(title=experiment, ylim=(0, 1.1 * table["length"].max()))
        steps = sorted(rows["iteration"].unique())
        axis.set_xticks(steps, list(map(sign, steps)))
    axes[0].set_ylabel(f"mean characters of\n{texts}")
    if groups:
        legend(figure, axes)
    else:
        axes[0].text(0.5, 0.5, "no experiment has two iterations", ha="center")
    return figure
