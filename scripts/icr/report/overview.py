"""What was run: the experiments, and the policies that they make."""

from collections.abc import Mapping
from typing import Any

from icr.report.parts import Table

Config = Mapping[str, Any]
"""The resolved configuration as plain data."""


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings with dotted names."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def differences(row: Mapping[str, Any], main: Mapping[str, Any]) -> str:
    """Where an experiment differs from main, in one line."""
    ours, base = flat(row), flat(main)
    changed = [f"{key}: {_text(value)}" for key, value in ours.items() if value != base.get(key)]
    return "; ".join(changed)


def experiments(config: Config, lineages: Mapping[str, list[str]]) -> Table:
    """One row an experiment. ``lineages`` holds π_I, π⁰, π¹ … of each."""
    main = config["experiments"]["main"]
    rows = []
    for name, row in config["experiments"].items():
        policies = lineages[name]
        difference = "the reference of the others" if name == "main" else differences(row, main)
        rows.append(
            [name, difference or "nothing", " → ".join(policies[1:]), ", ".join(row["languages"])]
        )
    return Table(
        ["experiment", "differs from main in", "policies π⁰ → π¹ …", "languages"],
        rows,
        "The experiments. Equal work is done once, so experiments may share policies.",
    )


def main_settings(config: Config) -> Table:
    """Every setting of the main experiment."""
    kept = {key: value for key, value in flat(config["experiments"]["main"]).items()}
    sampling = {f"sampling.{k}": v for k, v in flat(config["sampling"]).items()}
    rows = [[key, _text(value)] for key, value in {**kept, **sampling}.items()]
    return Table(["setting", "value"], rows, "Settings of main, and of sampling.", folded=True)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
