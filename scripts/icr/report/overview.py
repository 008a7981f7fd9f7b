"""Tables of what was run: experiments, policies, settings."""

from collections.abc import Mapping
from typing import Any, Literal

from icr.report.elements import Table

Config = Mapping[str, Any]
"""The resolved configuration as plain data."""


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings as one level with dotted names."""
    flattened: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            flattened |= flat(value, f"{prefix}{key}.")
        else:
            flattened[f"{prefix}{key}"] = value
    return flattened


def differences(row: Mapping[str, Any], main: Mapping[str, Any]) -> str:
    """Settings in which an experiment differs from main, on one line."""
    ours, base = flat(row), flat(main)
    changed = [f"{key}: {_text(value)}" for key, value in ours.items() if value != base.get(key)]
    return "; ".join(changed)


def preference(row: Mapping[str, Any]) -> Literal["implicit", "natural", "lidr"]:
    """What an experiment ranks by: an implicit reward, a reward model, or neither (LIDR)."""
    if row["pairs"]["method"] == "lidr":
        return "lidr"
    return "natural" if row["reward"]["view"] == "natural" else "implicit"


def experiments(config: Config, lineages: Mapping[str, list[str]]) -> Table:
    """One row per experiment. ``lineages`` holds π_I, π⁰, π¹ … of each."""
    main = config["experiments"]["main"]
    rows = []
    for name, row in config["experiments"].items():
        policies = lineages[name]
        rows.append([name, differences(row, main) or "–", " → ".join(policies[1:])])
    return Table(
        ["experiment", "differs from main in", "policies π⁰ → π¹ …"],
        rows,
        "Experiments share a policy where they would train the same one.",
    )


def main_facts(config: Config) -> Table:
    """The main experiment in a few rows."""
    row = config["experiments"]["main"]
    prompts = row["prompts"]
    responses = {
        "implicit": str(config["sampling"]["n"]),
        "natural": f"{config['sampling']['n']}, scored by {row['reward'].get('model')}",
        "lidr": "1, by greedy decoding, and its translations (LIDR)",
    }
    implicit = preference(row) == "implicit"
    facts = {
        "π_I, reference of the reward" if implicit else "π_I": row["reference"],
        "π⁰, aligned with English preferences": row["start"],
        "languages": ", ".join(row["languages"]),
        "prompts": f"{prompts['count']:,} of {prompts['set']} per language",
        "responses per prompt": responses[preference(row)],
        "iterations": str(row["iterations"]),
    }
    return Table(["", ""], [[key, value] for key, value in facts.items()], "The main experiment.")


def main_settings(config: Config) -> Table:
    """All settings of the main experiment and of sampling."""
    main = flat(config["experiments"]["main"])
    sampling = {f"sampling.{k}": v for k, v in flat(config["sampling"]).items()}
    rows = [[key, _text(value)] for key, value in {**main, **sampling}.items()]
    title = "All settings of the main experiment and of sampling"
    return Table(["setting", "value"], rows, "Including defaults.", folded=title)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
