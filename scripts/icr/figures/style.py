"""One look for all figures: colours that colour-blind readers tell apart, one size, two formats."""

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
    """Axes in one row if there are at most five, else in even rows of at most four."""
    rows = 1 if count <= 5 else -(-count // 4)
    columns = -(-count // rows)
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(max(4.5, width * columns), height * rows + 0.5),
        squeeze=False,
        layout="constrained",
    )
    every = list(axes.flat)
    for unused in every[count:]:
        unused.set_visible(False)
    return figure, every[:count]


def colour(place: int) -> str:
    """The colour of the n-th line of a panel."""
    return COLOURS[place % len(COLOURS)]


def save(figure: Figure, paths: list[str]) -> None:
    """Write the figure in the format of each path."""
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"CreationDate": None} if path.endswith(".pdf") else None)
    plt.close(figure)
