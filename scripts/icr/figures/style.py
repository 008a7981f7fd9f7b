"""The common style of all figures: a palette for colour-blind readers, sizes, file formats."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999933"]
"""Okabe and Ito's palette, in a fixed order."""
MARKERS = "osD^vPX*"

plt.rcParams.update(
    {
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "figure.dpi": 150,
        "legend.frameon": False,
    }
)


def panels(count: int, width: float = 3.2, height: float = 2.6) -> tuple[Figure, list[Axes]]:
    """A figure with ``count`` axes: one row of up to five, or even rows of at most four."""
    rows = 1 if count <= 5 else -(-count // 4)
    columns = -(-count // rows)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(max(4.5, width * columns), height * rows + 0.5),
        squeeze=False,
        layout="constrained",
    )
    panel_axes = list(axes.flat)
    for unused in panel_axes[count:]:
        unused.set_visible(False)
    return figure, panel_axes[:count]


def colour(number: int) -> str:
    """The colour of series ``number`` of a panel, counted from 0."""
    return COLOURS[number % len(COLOURS)]


def save(figure: Figure, paths: list[str]) -> None:
    """Write the figure in the format of each path."""
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"CreationDate": None} if path.endswith(".pdf") else None)
    plt.close(figure)
