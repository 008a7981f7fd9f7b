"""Figures drawn from small result files.

A drawing function takes the keyword arguments that its row in rules/figures.smk lists. It returns
the figure, or the figure and the text of a CSV file with the numbers in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from icr.storage.files import read_csv, read_json, read_table

if TYPE_CHECKING:  # rules list figures but do not draw them
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
    """Files by argument. For a mapping of labels, e.g. ``(policy, language)``, to paths the
    function gets the contents by label; for a path or a list of paths it gets the paths."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments."""
    table: str = ""
    """Path of the CSV file with the numbers, if the function returns them."""

    @property
    def files(self) -> dict[str, Any]:
        """The paths without labels, by argument."""
        return {name: _paths(files) for name, files in self.inputs.items()}

    @property
    def labels(self) -> dict[str, list[Any]]:
        """The labels of the files whose contents the function gets, by argument."""
        return {
            name: list(files) for name, files in self.inputs.items() if isinstance(files, Mapping)
        }


def drawing(name: str) -> Callable[..., Figure | tuple[Figure, str]]:
    """The drawing function ``module.function`` of this package."""
    module, _, attribute = name.partition(".")
    function: Callable[..., Figure | tuple[Figure, str]] = getattr(
        import_module(f"{__name__}.{module}"), attribute
    )
    return function


def contents(labels: Sequence[Any], paths: Sequence[str]) -> dict[Any, Any]:
    """The contents of JSON, CSV and Parquet files by label."""
    pairs = zip(labels, paths, strict=True)
    return {label: READERS[Path(path).suffix](path) for label, path in pairs}


def by_policy(cells: Mapping[tuple[str, Any], Any]) -> dict[str, dict[Any, Any]]:
    """Values by (policy, language), nested by policy and then by language."""
    policies = dict.fromkeys(policy for policy, _ in cells)
    return {p: {key: cells[q, key] for q, key in cells if q == p} for p in policies}


def _paths(files: Any) -> Any:
    return list(files.values()) if isinstance(files, Mapping) else files
