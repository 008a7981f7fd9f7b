"""What was run: the experiments, and the policies that they make."""

from collections.abc import Mapping
from typing import Any, Literal

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


def preference(row: Mapping[str, Any]) -> Literal["implicit", "natural", "lidr"]:
    """What makes an experiment's pairs: an implicit reward, an external model's, or none."""
    if row["pairs"]["method"] == "lidr":
        return "lidr"
    return "natural" if row["reward"]["view"] == "natural" else "implicit"


def experiments(config: Config, lineages: Mapping[str, list[str]]) -> Table:
    """One row an experiment. ``lineages`` holds π_I, π⁰, π¹ … of each."""
    main = config["experiments"]["main"]
    rows = []
    for name, row in config["experiments"].items():
        policies = lineages[name]
        rows.append([name, differences(row, main) or "–", " → ".join(policies[1:])])
    return Table(
        ["experiment", "differs from main in", "policies π⁰ → π¹ …"],
        rows,
        "The experiments. Equal work is done once, so experiments may share policies.",
    )


def main_facts(config: Config) -> Table:
    """The main experiment in a few lines."""
    row = config["experiments"]["main"]
    prompts = row["prompts"]
    responses = {
        "implicit": str(config["sampling"]["n"]),
        "natural": f"{config['sampling']['n']}, rewarded by {row['reward'].get('model')}",
        "lidr": "1, greedy, and its translations (LIDR)",
    }
    implicit = preference(row) == "implicit"
    facts = {
        "π_I, the reference of the reward" if implicit else "π_I": row["reference"],
        "π⁰, aligned with English preferences": row["start"],
        "languages": ", ".join(row["languages"]),
        "prompts": f"{prompts['count']:,} of {prompts['set']} in each language",
        "responses to each prompt": responses[preference(row)],
        "iterations": str(row["iterations"]),
    }
    return Table(["", ""], [[key, value] for key, value in facts.items()], "The main experiment.")


def main_settings(config: Config) -> Table:
    """Every setting of the main experiment."""
    kept = {key: value for key, value in flat(config["experiments"]["main"]).items()}
    sampling = {f"sampling.{k}": v for k, v in flat(config["sampling"]).items()}
    rows = [[key, _text(value)] for key, value in {**kept, **sampling}.items()]
    title = "All settings of main, and of sampling"
    return Table(["setting", "value"], rows, "Defaults included.", folded=title)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
