"""One iteration of the method on the finished demo, in one process, with the library's functions.

The steps and their settings are those of the rules. Whatever a bug may want to change between two
steps is an attribute here; what it changes inside of them it patches in the library.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from icr.miniature.oracle import judge
from icr.miniature.world import HELD_OUT, World
from icr.models.chat import prompt_ids, response_text
from icr.models.load import load_tokenizer
from icr.pairing.pairs import PairSettings, build
from icr.rewards import REWARDS
from icr.rewards.compute import rewards_of
from icr.sampling import BackendOptions, SamplingSettings, open_sampler
from icr.scoring.block import score_block
from icr.scoring.identities import check_scores, tolerance
from icr.seeds import seed_of
from icr.storage.blocks import first_prompts
from icr.storage.files import read_jsonl
from icr.training.launch import train
from icr.training.settings import TrainingSettings
from icr.workflow.study import Study

ANSWERS = 8
"""To each held-out question in each language."""


@dataclass
class Iteration:
    """An iteration of the demo's main experiment. The working directory holds the demo."""

    study: Study
    policy: str
    """``main-1`` or ``main-2``."""
    work: Path
    samples: dict = field(default_factory=dict)
    """The sampler's tables by language."""
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
        """Whose responses are scored in the place of a language's own."""
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
        """Instructions of a language by prompt id."""
        path = self.study.paths.prompts
        rows = read_jsonl(path.format(prompts=self.row.prompts.set, language=language))
        return {row["instruction_id"]: row["instruction"] for row in rows}

    def sampled(self, policy, language):
        """What the demo's policy answered."""
        blocks = self.study.blocks.samples(replace(self.step, start=policy), language)
        return first_prompts(blocks, self.row.prompts.count)

    def rewarded(self, language, view):
        """Rewards of a language's samples, checked as the rule for pairs checks them."""
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
        """Pairs of every language."""
        settings = PairSettings(**self.study.parameters.pairs(self.policy))
        for language in self.languages:
            rewards = self.rewarded(language, "crosslingual")
            made = build(self.samples[language], rewards, language, settings)
            self.pairs[language], self.responses[language] = made.pairs, made.responses

    def multilingual(self):
        """R_m of the same responses, by language: those outside of English."""
        rewards = {language: self.rewarded(language, "multilingual") for language in self.foreign}
        return {la: table[["id", "index", "reward"]] for la, table in rewards.items()}

    def train(self):
        """The folder of the trained policy."""
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
    asked = [(language, fact) for language in languages for fact in world.facts.values()]
    prompts = [prompt_ids(tokenizer, world.question(fact, la, HELD_OUT)) for la, fact in asked]
    seeds = [seed_of("mutants", language, fact.name) for language, fact in asked]
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
        for (language, fact), group in zip(asked, groups, strict=True)
        for sample in group
    )
