"""Figures from small files: each is a function of their contents alone.

A drawing function takes what its row in rules/figures.smk names, as keyword arguments. It returns
the figure, or the figure and the text of a CSV file with the numbers that it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icr.storage.files import read_csv, read_json, read_table

if TYPE_CHECKING:  # rules list figures, and draw none
    from matplotlib.figure import Figure

READERS: dict[str, Callable[[str], Any]] = {
    ".csv": read_csv,
    ".json": read_json,
    ".parquet": read_table,
}


@dataclass(frozen=True)
class Row:
    """A figure of the workflow."""

    draw: str
    """The drawing function, as ``module.function`` in this package."""
    inputs: Mapping[str, Any]
    """Files by the argument that they are for. Of a mapping the function gets the contents under
    the same labels, e.g. ``(policy, language)``; of a path, or a list of paths, the path."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments."""
    table: str = ""
    """Path of the CSV file with the numbers, of a function that returns them."""

    @property
    def files(self) -> dict[str, Any]:
        """The paths alone, by argument."""
        return {name: _paths(given) for name, given in self.inputs.items()}

    @property
    def labels(self) -> dict[str, list[Any]]:
        """The labels of the files whose contents are wanted, by argument."""
        return {name: list(g) for name, g in self.inputs.items() if isinstance(g, Mapping)}


def drawing(name: str) -> Callable[..., Figure | tuple[Figure, str]]:
    """The drawing function ``module.function`` of this package."""
    module, _, function = name.partition(".")
    found: Callable[..., Figure | tuple[Figure, str]] = getattr(
        import_module(f"{__name__}.{module}"), function
    )
    return found


def contents(labels: Sequence[Any], paths: Sequence[str]) -> dict[Any, Any]:
    """What JSON, CSV and Parquet files hold, by their labels."""
    pairs = zip(labels, paths, strict=True)
    return {label: READERS[Path(path).suffix](path) for label, path in pairs}


def by_policy(cells: Mapping[tuple[str, Any], Any]) -> dict[str, dict[Any, Any]]:
    """What stands under (policy, language), by policy and then by language."""
    policies = dict.fromkeys(policy for policy, _ in cells)
    return {p: {key: cells[q, key] for q, key in cells if q == p} for p in policies}


def _paths(given: Any) -> Any:
    return list(given.values()) if isinstance(given, Mapping) else given
