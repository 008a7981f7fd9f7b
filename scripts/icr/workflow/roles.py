"""Who plays which part of the paper's tables in a configuration."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from icr.config.models import HubSource
from icr.tables.plan import plan_table
from icr.tables.spec import Description, Table
from icr.workflow.dag import Dag


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


def table_plan(
    dag: Dag, description: Description, table: Table, measured: Collection[str]
) -> dict[str, Any]:
    """What a configuration makes of a table: arguments of :class:`icr.tables.cells.Plan`."""
    paper = description.paper_languages[table.experiment]
    row = dag.config.experiments.get(table.experiment)
    languages = row.languages if row else paper
    # Questions of one's own are none of the paper's NLP benchmarks.
    nlp = dag.config.evaluation.nlp
    foreign = table.evaluations() == ["nlp"] and not set(table.keys()) & set(
        nlp.benchmarks if nlp else {}
    )
    return {
        **plan_table(
            table,
            languages,
            (lambda _: None) if foreign else partial(policy_of, dag),
            partial(settings_of, dag),
            [] if foreign else measured,
        ),
        "comparable": starts_from(dag, description.paper_base),
        "same_languages": set(languages) == set(paper),
        "seed": dag.config.seed,
    }


def prompt_counts(dag: Dag, plan: Mapping[str, Any]) -> dict[str, int]:
    """This run's number of training prompts by row, where a row was trained."""
    trained = {row: policies[0] for row, policies in plan["policies"].items() if policies}
    return {
        row: dag.iterations[policy].settings.prompts.count
        for row, policy in trained.items()
        if policy in dag.iterations
    }
