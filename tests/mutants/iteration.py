"""One iteration of the method on the finished demo, in one process, with the library's functions.

The steps and their settings are those of the rules. Bugs change the attributes of ``Iteration``
between steps, and patch the library to change the steps themselves.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from icr.miniature.oracle import judge
from icr.miniature.world import HELD_OUT, World
from icr.models.chat import prompt_ids, response_text
from icr.models.load import load_tokenizer
from icr.pairing.pairs import build
from icr.pairing.selection import PairSettings
from icr.rewards import REWARDS
from icr.rewards.compute import rewards_of
from icr.sampling import BackendOptions, SamplingSettings, open_sampler
from icr.scoring.block import score_block
from icr.scoring.identities import check_scores, tolerance
from icr.seeds import seed_of
from icr.storage.blocks import first_prompts, responses_in
from icr.storage.files import read_jsonl
from icr.training.launch import train
from icr.training.settings import TrainingSettings
from icr.workflow.study import Study

ANSWERS = 8
"""Answers to each held-out question in each language."""


@dataclass
class Iteration:
    """An iteration of the demo's main experiment; the demo is in the working directory."""

    study: Study
    policy: str
    """``main-1`` or ``main-2``."""
    work: Path
    samples: dict = field(default_factory=dict)
    """Tables of samples by language."""
    pairs: dict = field(default_factory=dict)
    responses: dict = field(default_factory=dict)
    """Rewards of the responses, by language."""

    def __post_init__(self):
        self.step = self.study.policies.iterations[self.policy]
        self.row = self.step.settings
        self.start = self.study.policies.folder(self.step.start)
        self.reference = self.study.policies.folder(self.step.reference)
        self.trained_from = self.start
        self.scored = dict(zip(self.languages, self.languages, strict=True))
        """The language whose responses are scored for each language."""
        self.instructions = {
            view: {
                la: self.prompts(la if view == "multilingual" else "en") for la in self.languages
            }
            for view in ("crosslingual", "multilingual")
        }
        self.samples = {la: self.sampled(self.step.start, la) for la in self.languages}

    @property
    def languages(self):
        return self.row.languages

    @property
    def foreign(self):
        return [language for language in self.languages if language != "en"]

    def prompts(self, language):
        """A language's instructions by prompt id."""
        path = self.study.paths.prompts
        rows = read_jsonl(path.format(prompts=self.row.prompts.set, language=language))
        return {row["instruction_id"]: row["instruction"] for row in rows}

    def sampled(self, policy, language):
        """Samples that the demo drew from a policy."""
        files = self.study.blocks.samples(replace(self.step, start=policy), language)
        return first_prompts(responses_in(language, files), self.row.prompts.count)

    def rewarded(self, language, view):
        """Rewards of a language's samples, with the checks of the rule for pairs."""
        samples = self.samples[language]
        policy, reference = (
            score_block(
                folder,
                self.samples[self.scored[language]],
                self.instructions[view][language],
                self.work / "scores.parquet",
                view,
                language,
                self.study.config.scoring.precision,
                self.study.config.scoring.token_budget,
                len(samples),
                0,
                key=[language, view],
            )
            for folder in (self.start, self.reference)
        )
        native = language == "en" or view == "multilingual"
        limit = tolerance(
            self.study.policies.sampling_precision, self.study.config.scoring.precision
        )
        fall = self.study.config.scoring.likelihood_fall
        check_scores(samples, policy, native, limit, fall, language)
        reward = REWARDS[view].bound(self.row.reward, {})
        return rewards_of(reward, samples, policy, reference)

    def build(self):
        """Build the pairs of every language."""
        settings = PairSettings(**self.study.parameters.pairs(self.policy))
        for language in self.languages:
            rewards = self.rewarded(language, "crosslingual")
            result = build(self.samples[language], rewards, language, settings)
            self.pairs[language], self.responses[language] = result.pairs, result.responses

    def multilingual(self):
        """R_m of the same responses, by foreign language."""
        rewards = {language: self.rewarded(language, "multilingual") for language in self.foreign}
        return {la: table[["id", "index", "reward"]] for la, table in rewards.items()}

    def train(self):
        """Train the policy; returns its folder."""
        files = []
        for language, table in self.pairs.items():
            files.append(self.work / f"{language}.parquet")
            table.to_parquet(files[-1])
        folder = self.work / "policy"
        train(
            self.trained_from,
            files,
            folder,
            self.work / "curves.csv",
            self.work / "summary.json",
            TrainingSettings(**self.study.parameters.training(self.policy)),
            {"start": self.step.start},
        )
        return folder


def oracle_scores(study: Study, world: World, folder, languages) -> pd.DataFrame:
    """The oracle's scores of a policy's answers to the held-out questions."""
    tokenizer, sampling = load_tokenizer(folder), study.config.sampling
    questions = [(language, fact) for language in languages for fact in world.facts.values()]
    prompts = [prompt_ids(tokenizer, world.question(fact, la, HELD_OUT)) for la, fact in questions]
    seeds = [seed_of("mutants", language, fact.name) for language, fact in questions]
    settings = SamplingSettings(ANSWERS, sampling.temperature, sampling.max_tokens)
    options = BackendOptions(**sampling.options)
    with open_sampler(sampling.backend, folder, settings, options) as sampler:
        groups = sampler.generate(prompts, seeds)
    return pd.DataFrame(
        {
            "language": language,
            "fact": fact.name,
            "score": judge(
                world, fact, language, response_text(tokenizer, sample.content_ids)
            ).score,
        }
        for (language, fact), group in zip(questions, groups, strict=True)
        for sample in group
    )
