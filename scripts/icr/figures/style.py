"""The common style of all figures: a palette for colour-blind readers, sizes, file formats."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999933"]
"""Okabe and Ito's palette, in a fixed order."""
MARKERS = "osD^vPX*h<"
"""More than colours, so that no two of 40 series look alike."""
WIDTH = 7.2
"""Width of every figure in inches: the text of a two-column paper."""
LEGEND = 0.35
"""Height that is added for the legend, in inches."""
CHARACTERS = 110
"""Characters of a line of the legend."""

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


def panels(count: int, columns: int = 5, height: float = 2.2) -> tuple[Figure, list[Axes]]:
    """A figure of the common width with ``count`` axes, in even rows of at most ``columns``.

    ``height`` is that of a row, in inches.
    """
    rows = -(-count // columns)
    in_row = -(-count // rows)
    figure, axes = plt.subplots(
        rows,
        in_row,
        figsize=(WIDTH, height * rows + LEGEND),
        squeeze=False,
        layout="constrained",
    )
    panel_axes = list(axes.flat)
    for unused in panel_axes[count:]:
        unused.set_visible(False)
    return figure, panel_axes[:count]


def legend(figure: Figure, axes: Sequence[Axes] = (), handles: Sequence[Any] = ()) -> None:
    """The legend of a figure: above its panels, one entry for each label.

    Its entries are ``handles``, or those of the labels in ``axes``.
    """
    handles_by_label = {handle.get_label(): handle for handle in handles}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            handles_by_label.setdefault(label, handle)
    labels = list(handles_by_label)
    longest = max(map(len, labels), default=0)
    columns = max(1, min(len(labels), CHARACTERS // (longest + 6)))
    # Matplotlib fills columns first; labels are read by rows.
    labels = [label for column in range(columns) for label in labels[column::columns]]
    figure.legend(
        [handles_by_label[label] for label in labels],
        labels,
        loc="outside upper center",
        ncols=columns,
        fontsize=8,
        handletextpad=0.4,
        columnspacing=1.4,
    )


def dodged(series: int, count: int, width: float) -> float:
    """Horizontal shift of series ``series`` of ``count``, so that no point hides another.

    The outermost series are ``width`` apart.
    """
    return width * (series / (count - 1) - 0.5) if count > 1 else 0.0


def narrowing(series: int, count: int, first: float, last: float) -> float:
    """A size of series ``series`` of ``count``: later ones leave a rim of those that they cover."""
    return first + (last - first) * series / max(1, count - 1)


def colour(number: int) -> str:
    """The colour of series ``number`` of a panel, counted from 0."""
    return COLOURS[number % len(COLOURS)]


def marker(number: int) -> str:
    """The marker of series ``number`` of a panel, counted from 0."""
    return MARKERS[number % len(MARKERS)]


def save(figure: Figure, paths: list[str]) -> None:
    """Write the figure in the format of each path."""
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"CreationDate": None} if path.endswith(".pdf") else None)
    plt.close(figure)
