"""Checks that models, experiments and evaluations share, one line per problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from icr.config.experiments import Training
from icr.config.models import (
    RewardModelTraining,
)
from icr.training.batch import accumulation

if TYPE_CHECKING:
    from icr.config.root import Config


def preference_problems(
    config: Config, where: str, key: str, name: str, languages: Iterable[str]
) -> Iterator[str]:
    """An unknown preference set ``name`` under ``key``, or languages that it lacks."""
    pairs = config.preferences.get(name)
    if pairs is None:
        known = ", ".join(config.preferences) or "none"
        yield f"{where}.{key}: unknown preference set '{name}'; known: {known}"
        return
    for language in languages:
        if language not in pairs.languages:
            yield (
                f"{where}.languages: preference set '{name}' has no '{language}'; it has "
                f"{', '.join(pairs.languages)}"
            )


def prompt_problems(config: Config, where: str, name: str, count: int) -> Iterator[str]:
    """An unknown prompt set ``name``, or more prompts than it has."""
    if name not in config.prompts:
        yield f"{where}: unknown prompt set '{name}'; known: {', '.join(config.prompts)}"
    elif count > (size := config.prompts[name].size):
        yield f"{where}: {count} prompts requested, but set '{name}' has {size}"


def batch_problems(
    config: Config, where: str, training: Training | RewardModelTraining
) -> Iterator[str]:
    """A global batch that processes and micro-batches do not divide."""
    processes = config.compute.training_processes
    try:
        accumulation(training.global_batch, processes, training.micro_batch)
    except ValueError as error:
        yield f"{where}.training: {error}"


def size_problems(config: Config, where: str, model: str) -> Iterator[str]:
    """A model that needs several GPUs, where one is used."""
    gpus = config.models[model].gpus
    if gpus > 1:
        yield f"{where}: '{model}' needs {gpus} GPUs; only models on one GPU are scored and trained"
