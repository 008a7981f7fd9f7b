"""Who plays which part of the paper's tables in a configuration."""

from icr.config.models import HubSource
from icr.dag import Dag


def policy_of(dag: Dag, name: str) -> str | None:
    """The policy behind a name in the description of the tables, if this run has it.

    ``{experiment}-{t}``, with 0 for the model that it starts from and I for its reference π_I,
    or a base model.
    """
    experiment, _, t = name.rpartition("-")
    row = dag.config.experiments.get(experiment)
    if row is not None and t == "I":
        return row.reference
    if row is not None and t.isdigit():
        return dag.policy(experiment, int(t)) if int(t) <= row.iterations else None
    return name if name in dag.config.models else None


def settings_of(dag: Dag, experiment: str) -> dict[str, str] | None:
    """An experiment's settings by the names of Tables 7 and 9, if this run has it."""
    row = dag.config.experiments.get(experiment)
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


def starts_from(dag: Dag, hub: str) -> bool:
    """Whether main starts from this model on the hub."""
    source = dag.config.models[dag.config.experiments["main"].start].source
    return isinstance(source, HubSource) and source.hub == hub
