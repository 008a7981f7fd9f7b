"""Checks of models, prompts, experiments and lengths against each other, one line per problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from pydantic import ValidationError

from icr.config.experiments import Experiment, Training
from icr.config.models import (
    AlignedSource,
    GgufSource,
    MiniatureSource,
    RewardModelSource,
    RewardModelTraining,
)
from icr.config.preferences import TranslatedPreferences
from icr.config.prompts import MiniaturePrompts, TranslatedPrompts
from icr.pairing import PAIRINGS, RewardPairing
from icr.prompts.languages import IDENTIFIABLE
from icr.rewards import REWARDS
from icr.training.batch import accumulation

if TYPE_CHECKING:
    from icr.config.root import Config


def experiment_problems(config: Config) -> Iterator[str]:
    """Unknown names in experiments, and settings that exclude each other."""
    for name, row in config.experiments.items():
        where = f"experiments.{name}"
        yield from _model_choice_problems(config, where, row)
        yield from _prompt_problems(config, where, row.prompts.set, row.prompts.count)
        if row.prompts.set in config.prompts:
            known = config.prompts[row.prompts.set].languages
            for language in row.languages:
                if language not in known:
                    yield (
                        f"{where}.languages: prompt set '{row.prompts.set}' has no '{language}'; "
                        f"it has {', '.join(known)}"
                    )
        yield from _pairing_problems(config, where, row)
        if row.pairs.wrong_language == "drop":
            for language in row.languages:
                if language not in IDENTIFIABLE:
                    yield (
                        f"{where}.pairs.wrong_language: language identification does not know "
                        f"'{language}', so 'drop' would discard all of its responses; use 'keep'"
                    )
        yield from _batch_problems(config, where, row.training)


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
            yield from _size_problems(config, f"{where}.source.align", source.align)
        yield from _prompt_problems(config, f"{where}.source", source.prompts, source.count)
        prompts = config.prompts.get(source.prompts)
        if source.annotator == "oracle" and (
            prompts is None or not isinstance(prompts.source, MiniaturePrompts)
        ):
            yield f"{where}.source.annotator: 'oracle' judges miniature prompts only"


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
        yield from _size_problems(config, f"{where}.reward", source.reward)
    yield from preference_problems(
        config, where, "preferences", source.preferences, source.languages
    )
    yield from _batch_problems(config, where, source.training)


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


def _batch_problems(
    config: Config, where: str, training: Training | RewardModelTraining
) -> Iterator[str]:
    """A global batch that processes and micro-batches do not divide."""
    processes = config.compute.training_processes
    try:
        accumulation(training.global_batch, processes, training.micro_batch)
    except ValueError as error:
        yield f"{where}.training: {error}"


def oracle_problems(config: Config) -> Iterator[str]:
    """Pairs of other prompts than the miniature's that its oracle is to judge."""
    section = config.evaluation.reward_accuracy
    judge = config.judges.get(section.judge) if section else None
    if section is None or judge is None or judge.oracle is None:
        return
    for policy in section.experiments:
        row = config.experiments.get(policy.rpartition("-")[0])
        prompts = config.prompts.get(row.prompts.set) if row else None
        if prompts is not None and not isinstance(prompts.source, MiniaturePrompts):
            yield (
                "evaluation.reward_accuracy.judge: an oracle judges miniature prompts only, but "
                f"those of '{policy}' are not"
            )


def length_problems(config: Config) -> Iterator[str]:
    """Token limits that leave no room for a prompt, or no complete response."""
    room = config.sampling.options.get("max_model_len")
    limits = {"sampling.max_tokens": config.sampling.max_tokens}
    for name, section in config.evaluation.sections().items():
        if decoding := getattr(section, "decoding", None):
            limits[f"evaluation.{name}.decoding.max_tokens"] = decoding.max_tokens
        elif limit := getattr(section, "max_tokens", None):
            limits[f"evaluation.{name}.max_tokens"] = limit
    for where, limit in limits.items():
        if isinstance(room, int) and limit >= room:
            yield (
                f"{where}: {limit} leaves no room for a prompt within "
                f"sampling.options.max_model_len, {room}"
            )
    for name, row in config.experiments.items():
        if row.pairs.truncated == "drop" and config.sampling.max_tokens < 2:
            yield (
                f"experiments.{name}.pairs.truncated: with sampling.max_tokens 1, every response "
                "is empty or cut, and no pair is left"
            )


def _pairing_problems(config: Config, where: str, row: Experiment) -> Iterator[str]:
    """Numbers of responses that are not sampled, or that the pairing cannot work with."""
    pairing, sampled = PAIRINGS[row.pairs.method], config.sampling.n
    responses = row.pairs.responses or sampled
    if not isinstance(pairing, RewardPairing):
        if row.pairs.responses is not None:
            yield (
                f"{where}.pairs.responses: the pairing '{row.pairs.method}' reads greedy answers, "
                "one to each prompt; leave out 'responses'"
            )
    elif responses > sampled:
        yield (
            f"{where}.pairs.responses: {responses} responses to each prompt, but sampling.n is "
            f"{sampled}"
        )
    elif problem := pairing.problem(row.pairs.settings, responses):
        yield f"{where}.pairs.settings: {problem}"
    if row.pairs.pool == "languages":
        yield from _pool_problems(f"{where}.pairs.pool", row)
    if row.pairs.sampler is not None:
        yield from _sampler_problems(config, where, row, row.pairs.sampler)


def _comparable(row: Experiment) -> str | None:
    """Why rewards of one policy's responses do not fit other prompts or policies, if so."""
    if not PAIRINGS[row.pairs.method].rewarded:
        return f"the pairing '{row.pairs.method}' has no rewards"
    if (view := REWARDS[row.reward.view].view) is not None:
        return (
            f"the reward '{row.reward.view}' is computed from log-probabilities (view '{view}'), "
            "which only compare a policy's own responses to one prompt; use a reward model"
        )
    return None


def _pool_problems(where: str, row: Experiment) -> Iterator[str]:
    """Experiments whose languages cannot share a pool."""
    reward = REWARDS[row.reward.view]
    if reason := _comparable(row):
        yield f"{where}: {reason}"
    elif reward.states or reward.english:
        yield (
            f"{where}: the reward '{row.reward.view}' compares responses in one language; use a "
            "reward model"
        )
    elif row.reward.by_language:
        yield (
            f"{where}: each language has a reward model of its own ('{row.reward.model}'), and "
            "rewards of different models cannot be compared; name one model"
        )
    elif len(row.languages) < 2:
        yield f"{where}: 'languages' needs two or more languages, and this experiment has one"
    elif row.length_penalty.mode != "none":
        yield (
            f"{where}: the length penalty has one α per language, which a pool cannot use; set "
            "'length_penalty: {mode: none}'"
        )


def _sampler_problems(config: Config, where: str, row: Experiment, sampler: str) -> Iterator[str]:
    """Samplers that are unknown or that are trained later."""
    names = list(config.experiments)
    earlier = names[: names.index(where.removeprefix("experiments."))]
    experiment, _, t = sampler.rpartition("-")
    of_earlier = (
        experiment in earlier
        and t.isdecimal()
        and 1 <= int(t) <= config.experiments[experiment].iterations
        and config.experiments[experiment].train
    )
    if reason := _comparable(row):
        yield f"{where}.pairs.sampler: {reason}"
    elif sampler not in config.models and not of_earlier:
        yield (
            f"{where}.pairs.sampler: '{sampler}' is neither a model nor a trained iteration of an "
            "experiment further up"
        )


def _model_choice_problems(config: Config, where: str, row: Experiment) -> Iterator[str]:
    for key in ("start", "reference"):
        model = getattr(row, key)
        if model not in config.models:
            yield f"{where}.{key}: unknown model '{model}'; known: {', '.join(config.models)}"
        else:
            yield from _size_problems(config, f"{where}.{key}", model)
    for model in row.reward_models:
        yield from _reward_problems(config, f"{where}.reward.model", row, model)


def _reward_problems(config: Config, where: str, row: Experiment, model: str) -> Iterator[str]:
    """A reward model that is unknown, answers prompts, or is too large."""
    rows = config.experiments.values()
    if model not in config.models:
        each = f"; '{row.reward.model}' names one for each language"
        yield f"{where}: unknown model '{model}'{each if row.reward.by_language else ''}"
    elif isinstance(config.models[model].source, AlignedSource | MiniatureSource | GgufSource) or (
        model in {policy for row in rows for policy in (row.start, row.reference)}
    ):
        yield (
            f"{where}: '{model}' answers prompts; a reward model must be a sequence classifier "
            "from the hub or a folder"
        )
    else:
        yield from _size_problems(config, where, model)


def _size_problems(config: Config, where: str, model: str) -> Iterator[str]:
    gpus = config.models[model].gpus
    if gpus > 1:
        yield f"{where}: '{model}' needs {gpus} GPUs; only models on one GPU are scored and trained"


def _ancestors(config: Config, model: str) -> list[str]:
    """The distinct models that a model is aligned from, the nearest first."""
    ancestors: list[str] = []
    while isinstance(source := config.models[model].source, AlignedSource):
        model = source.align
        if model in ancestors or model not in config.models:
            break
        ancestors.append(model)
    return ancestors


def _prompt_problems(config: Config, where: str, name: str, count: int) -> Iterator[str]:
    if name not in config.prompts:
        yield f"{where}: unknown prompt set '{name}'; known: {', '.join(config.prompts)}"
    elif count > (size := config.prompts[name].size):
        yield f"{where}: {count} prompts requested, but set '{name}' has {size}"
