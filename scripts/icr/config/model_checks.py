"""Checks of models, and of sets of prompts and preferences, one line per problem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import ValidationError

from icr.config.checks import batch_problems, preference_problems, prompt_problems, size_problems
from icr.config.models import AlignedSource, RewardModelSource
from icr.config.preferences import TranslatedPreferences
from icr.config.prompts import MiniaturePrompts, TranslatedPrompts

if TYPE_CHECKING:
    from icr.config.root import Config


def model_problems(config: Config) -> Iterator[str]:
    """Ambiguous names, and alignments that are impossible."""
    for name, model in config.models.items():
        where = f"models.{name}"
        row, _, t = name.rpartition("-")
        if row in config.experiments and t.isdecimal():
            yield f"{where}: this is the name of an experiment's iteration; rename the model"
        source = model.source
        if isinstance(source, RewardModelSource):
            yield from _reward_model_problems(config, f"{where}.source", source)
        if not isinstance(source, AlignedSource):
            continue
        try:
            config.aligned_training(name)
        except ValidationError as error:
            for problem in error.errors():
                yield f"{where}.source.training.{problem['loc'][0]}: {problem['msg']}"
        if source.align not in config.models or source.align == name:
            yield f"{where}.source.align: no other model '{source.align}'"
        elif name in (cycle := _ancestors(config, name)):
            yield f"{where}.source.align: forms a cycle: {' -> '.join([name, *cycle])}"
        else:
            yield from size_problems(config, f"{where}.source.align", source.align)
        yield from prompt_problems(config, f"{where}.source", source.prompts, source.count)
        prompts = config.prompts.get(source.prompts)
        if source.annotator == "oracle" and (
            prompts is None or not isinstance(prompts.source, MiniaturePrompts)
        ):
            yield f"{where}.source.annotator: 'oracle' judges miniature prompts only"


def _ancestors(config: Config, model: str) -> list[str]:
    """The distinct models that a model is aligned from, the nearest first."""
    ancestors: list[str] = []
    while isinstance(source := config.models[model].source, AlignedSource):
        model = source.align
        if model in ancestors or model not in config.models:
            break
        ancestors.append(model)
    return ancestors


def set_problems(config: Config) -> Iterator[str]:
    """Sets of prompts or preferences with an unknown translator, or without English rows."""
    for name, prompts in config.prompts.items():
        if isinstance(source := prompts.source, TranslatedPrompts):
            model = source.translate.model
            if model is not None and model not in config.models:
                yield f"prompts.{name}.source.translate.model: unknown model '{model}'"
    for name, pairs in config.preferences.items():
        if isinstance(translated := pairs.source, TranslatedPreferences):
            model = translated.translate.model
            if model is not None and model not in config.models:
                yield f"preferences.{name}.source.translate.model: unknown model '{model}'"
            if "en" not in pairs.languages:
                yield f"preferences.{name}.languages: lacks 'en', from which it is translated"


def reward_model_problems(config: Config) -> Iterator[str]:
    """Reward models where a model that generates is needed."""
    trained = {
        name for name, model in config.models.items() if isinstance(model.source, RewardModelSource)
    }
    section = config.evaluation.rewardbench
    tested = set(section.models) if section else set()
    named = {model for row in config.experiments.values() for model in row.reward_models}
    reward_models = named | trained | tested
    wrong = [(where, model) for where, model in _answering(config) if model in reward_models]
    for name, row in config.experiments.items():
        models = {"start": row.start, "reference": row.reference}
        wrong += [(f"experiments.{name}.{key}", m) for key, m in models.items() if m in trained]
    for where, model in wrong:
        if model is not None:
            yield f"{where}: '{model}' is a reward model, which cannot answer; name another model"


def _answering(config: Config) -> Iterator[tuple[str, str | None]]:
    """The models that generate or are trained to, besides those of experiments, by their keys."""
    for name, judge in config.judges.items():
        if judge.serve is not None:
            yield f"judges.{name}.serve.model", judge.serve.model
    for name, prompts in config.prompts.items():
        if isinstance(source := prompts.source, TranslatedPrompts):
            yield f"prompts.{name}.source.translate.model", source.translate.model
    for name, row in config.experiments.items():
        yield f"experiments.{name}.pairs.sampler", row.pairs.sampler
    for name, pairs in config.preferences.items():
        if isinstance(translated := pairs.source, TranslatedPreferences):
            yield f"preferences.{name}.source.translate.model", translated.translate.model
    for name, model in config.models.items():
        if isinstance(model.source, AlignedSource):
            yield f"models.{name}.source.align", model.source.align
        elif isinstance(model.source, RewardModelSource):
            yield f"models.{name}.source.reward", model.source.reward
    for key, section in config.evaluation.sections().items():
        for policy in [*getattr(section, "policies", []), *getattr(section, "extra_policies", [])]:
            yield f"evaluation.{key}.policies ({policy})", policy
        yield f"evaluation.{key}.opponent", getattr(section, "opponent", None)
    rewards = config.evaluation.rewardbench
    for implicit in rewards.implicit if rewards else []:
        for policy in (implicit.policy, implicit.reference):
            yield f"evaluation.rewardbench.implicit ({policy})", policy


def _reward_model_problems(config: Config, where: str, source: RewardModelSource) -> Iterator[str]:
    """An unknown base, set or language of a reward model, or a batch that cannot be divided."""
    if source.reward not in config.models:
        yield f"{where}.reward: unknown model '{source.reward}'; known: {', '.join(config.models)}"
    else:
        yield from size_problems(config, f"{where}.reward", source.reward)
    yield from preference_problems(
        config, where, "preferences", source.preferences, source.languages
    )
    yield from batch_problems(config, where, source.training)
