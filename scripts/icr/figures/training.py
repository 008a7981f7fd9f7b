"""Training curves."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from icr.figures.style import colour, panels

PANELS = {
    "loss": "loss",
    "nll": "NLL per token of chosen",
    "accuracy": "reward accuracy",
    "margin": "reward margin",
    "chosen_length": "tokens (— chosen, ·· rejected)",
    "learning_rate": "learning rate",
}
"""Columns of the curves, and what their panels are called."""


def training_curves(curves: Mapping[str, pd.DataFrame]) -> Figure:
    """Loss, NLL, accuracy, margin, lengths and learning rate against the step, a line a policy."""
    figure, axes = panels(len(PANELS), width=2.9)
    for axis, (column, title) in zip(axes, PANELS.items(), strict=True):
        for place, (policy, table) in enumerate(curves.items()):
            axis.plot(table["step"], table[column], label=policy, color=colour(place), lw=1.2)
            if column == "chosen_length":
                rejected = table["rejected_length"]
                axis.plot(table["step"], rejected, color=colour(place), lw=1.2, ls=":")
        axis.set(title=title, xlabel="optimizer step")
    axes[2].legend(fontsize=6)
    return figure
