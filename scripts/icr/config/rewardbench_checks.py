"""Checks of the rewards that are tested on preference triples, one line per problem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from icr.config.checks import preference_problems
from icr.config.models import AlignedSource, GgufSource, MiniatureSource, RewardModelSource

if TYPE_CHECKING:
    from icr.config.rewardbench import RewardBench
    from icr.config.root import Config

WHERE = "evaluation.rewardbench"


def rewardbench_problems(config: Config) -> Iterator[str]:
    """Unknown names, missing languages, and reward models that were trained on the triples."""
    section = config.evaluation.rewardbench
    if section is None:
        return
    yield from preference_problems(config, WHERE, "triples", section.triples, section.languages)
    triples = config.preferences.get(section.triples)
    if triples is not None and section.implicit and "en" not in triples.languages:
        yield f"{WHERE}.implicit: R_c reads English prompts; '{section.triples}' has no 'en'"
    yield from _model_problems(config, section)
    if section.representation:
        yield from _representation_problems(config, section)
    for row in section.implicit:
        if not _is_policy(config, row.policy):
            yield f"{WHERE}.implicit: unknown policy '{row.policy}'"
        if row.reference is not None and not _is_policy(config, row.reference):
            yield f"{WHERE}.implicit: unknown reference '{row.reference}'"
        if row.policy == (row.reference or config.experiments["main"].reference):
            yield f"{WHERE}.implicit: '{row.policy}' is its own reference, so every reward is 0"


def _model_problems(config: Config, section: RewardBench) -> Iterator[str]:
    for name in section.models:
        model = config.models.get(name)
        if model is None:
            yield f"{WHERE}.models: unknown model '{name}'; known: {', '.join(config.models)}"
        elif isinstance(model.source, AlignedSource | MiniatureSource | GgufSource):
            yield (
                f"{WHERE}.models: '{name}' answers prompts; name a sequence classifier from the "
                "hub or a folder, or a reward model that is trained here"
            )
        elif (
            isinstance(model.source, RewardModelSource)
            and model.source.preferences == section.triples
        ):
            yield f"{WHERE}.models: '{name}' is trained on the triples themselves"


def _representation_problems(config: Config, section: RewardBench) -> Iterator[str]:
    models = (config.models.get(name) for name in section.models)
    if not any(model and isinstance(model.source, RewardModelSource) for model in models):
        yield (
            f"{WHERE}.representation: none of 'models' is trained here (a source with 'reward'), "
            "and of others the base is unknown"
        )
    pairs = config.preferences.get(section.triples)
    if pairs is not None and len(section.languages or pairs.languages) < 2:
        yield f"{WHERE}.representation: it compares languages, and the triples are in one"


def _is_policy(config: Config, name: str) -> bool:
    if name in config.models:
        return True
    experiment, _, t = name.rpartition("-")
    row = config.experiments.get(experiment)
    return row is not None and row.train and t.isdecimal() and 1 <= int(t) <= row.iterations
