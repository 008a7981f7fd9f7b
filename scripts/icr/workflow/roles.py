"""Who plays which part of the paper's tables in a configuration."""

from collections.abc import Mapping
from typing import Any

from icr.config.models import HubSource
from icr.workflow.policies import Policies


def policy_of(policies: Policies, name: str) -> str | None:
    """The policy behind a name in the description of the tables, if this run has it.

    ``{experiment}-{t}``, with 0 for the model that it starts from and I for its reference π_I,
    or a base model.
    """
    experiment, _, t = name.rpartition("-")
    row = policies.config.experiments.get(experiment)
    if row is not None and t == "I":
        return row.reference
    if row is not None and t.isdigit():
        return policies.of(experiment, int(t)) if int(t) <= row.iterations else None
    return name if name in policies.config.models else None


def settings_of(policies: Policies, experiment: str) -> dict[str, str] | None:
    """An experiment's settings by the names of Tables 7 and 9, if this run has it."""
    row = policies.config.experiments.get(experiment)
    if row is None:
        return None
    return {
        "base_model": row.start,
        "training_dataset": row.prompts.set,
        "training_size": f"{row.prompts.count} samples each language",
        "LR": f"{row.training.learning_rate:g}",
        "BS": str(row.training.global_batch),
        "warm_up": f"{row.training.warmup:g}",
        "epoch": str(row.training.epochs),
        "beta": f"{row.training.beta:g}",
    }


def starts_from(policies: Policies, hub: str) -> bool:
    """Whether main starts from this model on the hub."""
    source = policies.config.models[policies.config.experiments["main"].start].source
    return isinstance(source, HubSource) and source.hub == hub


def prompt_counts(policies: Policies, plan: Mapping[str, Any]) -> dict[str, int]:
    """This run's number of training prompts by row, where a row was trained."""
    trained = {row: policies[0] for row, policies in plan["policies"].items() if policies}
    return {
        row: policies.iterations[policy].settings.prompts.count
        for row, policy in trained.items()
        if policy in policies.iterations
    }
