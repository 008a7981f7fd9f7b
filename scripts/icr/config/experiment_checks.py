"""Checks of experiments, of the oracle and of lengths, one line per problem."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from icr.config.checks import batch_problems, prompt_problems, size_problems
from icr.config.experiments import Experiment
from icr.config.models import AlignedSource, GgufSource, MiniatureSource
from icr.config.prompts import MiniaturePrompts
from icr.pairing import PAIRINGS, RewardPairing
from icr.prompts.languages import IDENTIFIABLE
from icr.rewards import REWARDS

if TYPE_CHECKING:
    from icr.config.root import Config


def experiment_problems(config: Config) -> Iterator[str]:
    """Unknown names in experiments, and settings that exclude each other."""
    for name, row in config.experiments.items():
        where = f"experiments.{name}"
        yield from _model_choice_problems(config, where, row)
        yield from prompt_problems(config, where, row.prompts.set, row.prompts.count)
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
        yield from batch_problems(config, where, row.training)


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
            yield from size_problems(config, f"{where}.{key}", model)
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
        yield from size_problems(config, where, model)
