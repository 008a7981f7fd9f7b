"""The policies, settings and prompt counts behind the rows of the paper's tables in a run."""

from collections.abc import Mapping
from typing import Any

from icr.config.models import HubSource
from icr.workflow.policies import Policies


def policy_of(policies: Policies, name: str) -> str | None:
    """The canonical name of a policy in config/tables.yaml; None if this run does not have it.

    ``name`` is a base model or ``{experiment}-{t}``, where t = 0 stands for the model that the
    experiment starts from, and t = I for its reference π_I.
    """
    experiment, _, t = name.rpartition("-")
    row = policies.config.experiments.get(experiment)
    if row is not None and t == "I":
        return row.reference
    if row is not None and t.isdigit():
        return policies.of(experiment, int(t)) if int(t) <= row.iterations else None
    return name if name in policies.config.models else None


def settings_of(policies: Policies, experiment: str) -> dict[str, str] | None:
    """An experiment's settings by the names of Tables 7 and 9; None if this run lacks it."""
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
    """Whether main starts from the model ``hub`` of the hub."""
    source = policies.config.models[policies.config.experiments["main"].start].source
    return isinstance(source, HubSource) and source.hub == hub


def prompt_counts(policies: Policies, plan: Mapping[str, Any]) -> dict[str, int]:
    """The number of training prompts of each row of a table that this run trains."""
    trained = {row: policies[0] for row, policies in plan["policies"].items() if policies}
    return {
        row: policies.iterations[policy].settings.prompts.count
        for row, policy in trained.items()
        if policy in policies.iterations
    }
