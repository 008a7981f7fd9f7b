"""Tables of what was run: experiments, policies, settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from icr.report.elements import Table

Config = Mapping[str, Any]
"""The resolved configuration as plain data."""


@dataclass(frozen=True)
class Preference:
    """How main's preference pairs are made, as the registered methods describe it."""

    pairing: str
    """What the pairing does, in a few words."""
    reward: str | None
    """What the reward is; None for a pairing that reads greedy answers."""
    reference: bool
    """Whether the reward compares the policy with a reference."""
    model: str | None
    """The external reward model, if there is one."""

    @property
    def text(self) -> str:
        """Sentences for the report."""
        reward = f"Reward: {self.reward}." if self.reward else "There is no reward."
        return f"{reward} Pairs: {self.pairing}."


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


def main_facts(config: Config, preference: Preference) -> Table:
    """The main experiment in a few rows."""
    row = config["experiments"]["main"]
    prompts = row["prompts"]
    responses = "1, by greedy decoding, and its translations"
    if preference.reward:
        responses = str(config["sampling"]["n"])
        responses += f", scored by {preference.model}" if preference.model else ""
    facts = {
        "π_I, reference of the reward" if preference.reference else "π_I": row["reference"],
        "π⁰, aligned with English preferences": row["start"],
        "languages": ", ".join(row["languages"]),
        "prompts": f"{prompts['count']:,} of {prompts['set']} per language",
        "responses per prompt": responses,
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
