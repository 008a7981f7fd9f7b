"""The size of each rule's jobs, from the configuration: what rules ask the cluster for.

One function a rule, named as the rule is. It takes the rule's wildcards and the attempt. Judged
benchmarks state their own sizes (:mod:`icr.evaluation.judged`).
"""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from icr.cluster.measurement import WORK, read_measurements
from icr.config import Config
from icr.config.models import AlignedSource, MiniatureSource, RewardModelSource
from icr.config.preferences import TranslatedPreferences
from icr.config.prompts import TranslatedPrompts
from icr.evaluation.judged import JUDGED
from icr.sampling import ONE_BY_ONE
from icr.scoring.guard import PROMPTS
from icr.workflow import resources
from icr.workflow.blocks import Blocks
from icr.workflow.compared import Compared
from icr.workflow.evaluations import Evaluations
from icr.workflow.grouping import Span, blocks_of, languages_of
from icr.workflow.parameters import Parameters
from icr.workflow.paths import Paths
from icr.workflow.policies import Policies
from icr.workflow.resources import PROMPT, SHARE, Request, Site

BENCHMARK = 8e6
"""Tokens of an NLP benchmark in one language, on average: MMLU's five examples before each of
14,000 questions are half of all."""
HOUR = 60.0
"""Minutes that a sampling or scoring job should take."""
SPEED = ("precision", "micro_batch", "gradient_checkpointing")
"""Settings of a training that decide how fast it is."""
MINUTE = 60
"""Seconds of work, by the estimates, that a measurement takes besides its start."""
MOST = {"sampling": 100, "scoring": 100, "training": 20}
"""Prompts, or optimizer steps, that a measurement takes at most."""
WRITTEN = 5
"""Minutes to write random weights."""
TRIPLE = 600
"""Tokens of a prompt and one response of a preference triple, on average."""
QUESTIONS = 1_000
"""Questions of an NLP benchmark in one language, of which ``limit`` is a share. Most have more;
MMLU has more tasks in English, each with the limit."""
Sized = Callable[..., Request]
"""Says what the job of some wildcards asks for, at an attempt."""


class Jobs:
    """Requests of a configuration's jobs."""

    def __init__(
        self,
        config: Config,
        policies: Policies,
        blocks: Blocks,
        evaluations: Evaluations,
        parameters: Parameters,
        paths: Paths,
    ) -> None:
        self.config, self.policies, self.blocks = config, policies, blocks
        self.evaluations, self.settings, self.paths = evaluations, parameters, paths
        compute, sampling = config.compute, config.sampling
        self.site = Site(
            compute.gpus,
            compute.training_processes,
            compute.threads,
            compute.speed,
            compute.longest,
            compute.memory,
            measured=read_measurements({work: self.calibration_file(work) for work in WORK}),
            at_once=None if sampling.backend in ONE_BY_ONE else sampling.chunk * sampling.n,
        )

    def parameters(self, policy: str) -> float:
        """Weights of a policy: those of the base model that it descends from."""
        model = self.config.models[self.policies.base(policy)]
        if isinstance(model.source, AlignedSource):
            return self.parameters(model.source.align)
        if isinstance(model.source, RewardModelSource):
            return self.parameters(model.source.reward)
        return 1e6 if isinstance(model.source, MiniatureSource) else model.parameters

    def answers(
        self,
        policy: str,
        responses: int,
        max_tokens: int,
        attempt: int = 1,
        at_once: int | None = None,
    ) -> Request:
        """So many responses of a policy, ``at_once`` together, on as many GPUs as it needs."""
        at_once = at_once or self.site.at_once
        site = replace(self.site, gpus=self.policies.gpus(policy), at_once=at_once)
        return resources.sampling(
            site,
            self.parameters(policy),
            responses,
            max_tokens,
            attempt,
            self.measured_with("sampling"),
        )

    def measured_with(self, work: str) -> dict[str, Any]:
        """The settings that decide how fast a kind of work is, beside the model."""
        sampling = self.config.sampling
        settings: dict[str, dict[str, Any]] = {
            "sampling": {
                "backend": sampling.backend,
                "precision": self.policies.sampling_precision,
            },
            "scoring": {"precision": self.config.scoring.precision},
            "training": self._training_speed(self.policies.of("main", 1)),
        }
        return settings[work]

    def calibrate(self, work: str) -> Sized:
        """A measurement of one kind of work: its start, some minutes, and perhaps its model."""

        def job(_: Any = None, attempt: int = 1) -> Request:
            site = replace(self.site, gpus=self.policies.gpus(self.calibrated()), measured={})
            weights, load = self.parameters(self.calibrated()), self.load(work)
            responses = load["prompts"] * load["responses"]
            most, precision = load["max_tokens"], self.config.scoring.precision
            if work == "sampling":
                asked = resources.sampling(site, weights, responses, most, attempt)
            elif work == "scoring":
                asked = resources.scoring(
                    site, weights, load["prompts"], responses, most, precision, attempt
                )
            else:
                asked = self._training(self.policies.of("main", 1), 2 * load["prompts"], attempt)
            minutes = 5 * math.ceil(resources.MARGIN * WRITTEN / 5)
            limit = min(asked.minutes + minutes, site.longest or asked.minutes + minutes)
            return replace(asked, minutes=limit, expected=asked.expected + WRITTEN)

        return job

    def calibration_file(self, work: str) -> str:
        """Where the measurement of a kind of work lies, once it was made."""
        return self.paths.calibration.format(work=work)

    def calibrated(self) -> str:
        """The base model that is measured: the one that main starts from, or is made from."""
        policy = self.config.experiments["main"].start
        source = self.config.models[policy].source
        while isinstance(source, AlignedSource):
            policy = source.align
            source = self.config.models[policy].source
        return policy

    def load(self, work: str) -> dict[str, int]:
        """How much a measurement does (icr.cluster.calibration.Load): about a minute's work."""
        sampling, parameters = self.config.sampling, self.parameters(self.calibrated())
        training = self.settings.training(self.policies.of("main", 1))
        mean = max(1, round(SHARE * sampling.max_tokens))
        responses = 2 if work == "training" else sampling.n
        tokens = {
            "sampling": responses * mean,
            "scoring": PROMPT + responses * mean,
            "training": 2 * (PROMPT + mean) * training["global_batch"],
        }[work]
        fast = resources.tokens_per_second(self.site, work, parameters)
        count = min(MOST[work], max(1, round(MINUTE * fast / tokens)))
        return {
            "prompts": count * training["global_batch"] if work == "training" else count,
            "responses": responses,
            "prompt_tokens": PROMPT,
            "response_tokens": mean,
            "max_tokens": sampling.max_tokens,
        }

    def calibration(self, work: str) -> dict[str, Any]:
        """What a measurement is told (icr.cluster.calibration.measure).

        Whether its model has been downloaded is no reason to measure again.
        """
        model = self.calibrated()
        folder = self.policies.folder(model)
        options = {
            "sampling": {
                "backend": self.config.sampling.backend,
                "options": self.policies.backend_options(model),
            },
            "scoring": {
                "precision": self.config.scoring.precision,
                "token_budget": self.config.scoring.token_budget,
            },
            "training": {
                "settings": dict(self.settings.training(self.policies.of("main", 1))),
                "processes": self.site.processes,
                "threads": max(self.site.cpus, self.site.processes),
            },
        }[work]
        told = {
            "work": work,
            "model": model,
            "folder": folder if Path(folder, "config.json").exists() else None,
            "parameters": self.parameters(model),
            "load": self.load(work),
            "settings": self.measured_with(work),
            "options": options,
        }
        return Compared(told, {"folder"})

    def _training_speed(self, policy: str) -> dict[str, Any]:
        settings = self.settings.training(policy)
        return {
            **{name: settings[name] for name in SPEED},
            "lora": settings["lora"] is not None,
            "processes": self.site.processes,
            "batching": resources.BATCHING,
        }

    def blocks_per_job(self, kind: str, model: str, prompts: str) -> int:
        """How many blocks one job samples or scores: what is configured, or what an hour takes."""
        if self.config.compute.blocks_per_job:
            return self.config.compute.blocks_per_job
        rows = self.config.prompts[prompts].block
        request = self._sampling if kind == "sampling" else self._scoring
        one, two = (request(model, blocks * rows).expected for blocks in (1, 2))
        return max(1, 1 + int((HOUR - one) // (two - one)))

    def prompts(self, w: Any) -> int:
        """How many prompts a job's blocks hold, in all its languages."""
        rows = self.blocks.rows(w.prompts, blocks_of(w.blocks))[1]
        return rows * len(languages_of(w.languages))

    def sample(self, w: Any, attempt: int = 1) -> Request:
        """N responses to each prompt of a job's blocks."""
        return self._sampling(w.policy, self.prompts(w), attempt)

    def _sampling(self, policy: str, prompts: int, attempt: int = 1) -> Request:
        sampling = self.config.sampling
        return self.answers(policy, prompts * sampling.n, sampling.max_tokens, attempt)

    def self_translate(self, w: Any, attempt: int = 1) -> Request:
        """One translation of each response of a job's blocks, a chunk of prompts at a time."""
        sampling = self.config.sampling
        responses, at_once = self.prompts(w) * sampling.n, sampling.chunk * sampling.n
        return self.answers(w.policy, responses, sampling.max_tokens, attempt, at_once)

    def greedy(self, w: Any, attempt: int = 1) -> Request:
        """One answer to each of the first prompts of a set."""
        return self.answers(w.policy, int(w.first), self.config.sampling.max_tokens, attempt)

    def greedy_translate(self, w: Any, attempt: int = 1) -> Request:
        """One translation of each of these."""
        return self.greedy(w, attempt)

    def natural_rewards(self, w: Any, attempt: int = 1) -> Request:
        """An external reward model's score of each response of a job's blocks."""
        return self.logprobs(w, attempt)

    def hidden_states(self, w: Any, attempt: int = 1) -> Request:
        """A policy's hidden states of each response of a job's blocks, its prompt read for each."""
        parts = len(Span.named(w.languages, w.blocks).parts)
        prompts, sampling = self.prompts(w), self.config.sampling
        return resources.scoring(
            self.site,
            self.parameters(w.policy),
            prompts * sampling.n,
            prompts * sampling.n,
            sampling.max_tokens,
            self.config.scoring.precision,
            attempt,
            min(self.config.scoring.checks * parts, prompts) * sampling.n,
        )

    def logprobs(self, w: Any, attempt: int = 1) -> Request:
        """One model's score of each response of a job's blocks."""
        return self._scoring(
            w.scorer, self.prompts(w), attempt, len(Span.named(w.languages, w.blocks).parts)
        )

    def _scoring(self, model: str, prompts: int, attempt: int = 1, parts: int = 1) -> Request:
        sampling = self.config.sampling
        return resources.scoring(
            self.site,
            self.parameters(model),
            prompts,
            prompts * sampling.n,
            sampling.max_tokens,
            self.config.scoring.precision,
            attempt,
            min(self.config.scoring.checks * parts, prompts) * sampling.n,
        )

    def arithmetic(self, w: Any, attempt: int = 1) -> Request:
        """A policy's and its references' scores of a few responses, in each arithmetic."""
        models = {w.policy, *self.policies.references(w.policy, w.view, w.prompts)}
        trials = len(models) * len(languages_of(w.languages))
        return self._trial(self.parameters(w.policy), trials, attempt)

    def natural_arithmetic(self, w: Any, attempt: int = 1) -> Request:
        """The same of an external reward model."""
        return self._trial(self.parameters(w.scorer), len(languages_of(w.languages)), attempt)

    def _trial(self, parameters: float, trials: int, attempt: int) -> Request:
        sampling = self.config.sampling
        prompts = PROMPTS * trials
        responses = prompts * sampling.n
        return resources.scoring(
            self.site, parameters, prompts, responses, sampling.max_tokens, "float32", attempt
        )

    def build_pairs(self, w: Any, attempt: int = 1) -> Request:
        """All that the pairing reads of a language, and what the reward takes to compute."""
        step = self.policies.iterations[w.policy]
        more = step.reward.milliseconds if step.pairing.rewarded else 0.0
        row, samples = step.settings, self.config.sampling.n
        read = step.pairing.responses(row.prompts.count, len(row.languages), samples)
        states = step.pairing.rewarded and step.reward.states
        vectors = read * (2 if step.reward.english else 1) if states else 0
        return resources.tables(self.site, read, attempt, more, vectors * resources.STATES)

    def pooled_pairs(self, w: Any, attempt: int = 1) -> Request:
        """The same in all languages."""
        step = self.policies.iterations[w.policy]
        row, samples = step.settings, self.config.sampling.n
        read = step.pairing.responses(row.prompts.count, len(row.languages), samples)
        return resources.tables(
            self.site, read * len(row.languages), attempt, step.reward.milliseconds
        )

    def answer_pairs(self, w: Any, attempt: int = 1) -> Request:
        """One answer to each prompt in a language and in all others."""
        return self.build_pairs(w, attempt)

    def train(self, w: Any, attempt: int = 1) -> Request:
        """The pairs of all languages."""
        row = self.policies.iterations[w.policy].settings
        return self._training(w.policy, row.prompts.count * len(row.languages), attempt)

    def align(self, w: Any, attempt: int = 1) -> Request:
        """English pairs."""
        source = self.policies.alignment(w.policy)
        return self._training(w.policy, source.count * source.draws, attempt)

    def train_reward_model(self, w: Any, attempt: int = 1) -> Request:
        """The pairs of a preference set, each in one language."""
        source = self.policies.trained_reward_models[w.policy]
        pairs = self.config.preferences[source.preferences].size
        settings = source.training
        return resources.training(
            self.site,
            self.parameters(w.policy),
            pairs * settings.epochs,
            settings.max_length,
            settings.precision,
            attempt,
            None,
            self.config.compute.checkpoint_minutes,
        )

    def triple_scores(self, w: Any, attempt: int = 1) -> Request:
        """One model's scores of both responses of each triple of a language."""
        section = self.config.evaluation.rewardbench
        assert section is not None
        triples = self.config.preferences[section.triples].size
        tokens = 2 * triples * TRIPLE
        precision = self.config.scoring.precision
        return resources.reading(self.site, self.parameters(w.scorer), tokens, precision, attempt)

    def triple_states(self, w: Any, attempt: int = 1) -> Request:
        """One model's states of the chosen response and of the prompt of each triple."""
        section = self.config.evaluation.rewardbench
        assert section is not None
        tokens = self.config.preferences[section.triples].size * (TRIPLE + PROMPT)
        precision = self.config.scoring.precision
        return resources.reading(self.site, self.parameters(w.scorer), tokens, precision, attempt)

    def representation(self, _: Any = None, attempt: int = 1) -> Request:
        """One model's states of all triples in all languages, two vectors each."""
        section = self.config.evaluation.rewardbench
        assert section is not None
        triples = self.config.preferences[section.triples]
        read = triples.size * len(section.languages or triples.languages)
        return resources.tables(self.site, read, attempt, mem_mb=read * resources.STATES)

    def english_pairs(self, w: Any, attempt: int = 1) -> Request:
        """Two or more responses for each English pair."""
        source = self.policies.alignment(w.policy)
        each = source.samples if source.annotator == "oracle" else 2
        responses = source.count * source.draws * each
        return self.answers(source.align, responses, self.config.sampling.max_tokens, attempt)

    def translate(self, w: Any, attempt: int = 1) -> Request:
        """Prompts of a set into one language, by a model; else by requests to an interface."""
        prompts = self.config.prompts[w.prompts]
        assert isinstance(prompts.source, TranslatedPrompts)
        by = prompts.source.translate
        if by.backend != "llm" or by.model is None:
            return resources.tables(self.site, prompts.size, attempt)
        return self.answers(by.model, prompts.size, by.max_tokens, attempt)

    def translate_preferences(self, w: Any, attempt: int = 1) -> Request:
        """Three texts of each pair of a set into one language."""
        pairs = self.config.preferences[w.preferences]
        assert isinstance(pairs.source, TranslatedPreferences)
        by = pairs.source.translate
        if by.backend != "llm" or by.model is None:
            return resources.tables(self.site, 3 * pairs.size, attempt)
        return self.answers(by.model, 3 * pairs.size, by.max_tokens, attempt)

    def judged_answers(self, name: str) -> Sized:
        """A policy's answers to a judged benchmark in some languages."""

        def job(w: Any, attempt: int = 1) -> Request:
            responses, max_tokens = JUDGED[name].responses(self.evaluations.section(name))
            number = responses * len(languages_of(w.languages))
            return self.answers(w.policy, number, max_tokens, attempt)

        return job

    def judged(self, name: str) -> Sized:
        """Requests to the judge of a benchmark, in one language or together in all."""

        def job(_: Any = None, attempt: int = 1) -> Request:
            section = self.evaluations.section(name)
            assert section is not None
            asked = JUDGED[name].requests(section, self.config.sampling.max_tokens)
            together = JUDGED[name].together
            languages = len(self.evaluations.judged[name].all_languages) if together else 1
            tokens = (asked.tokens_in, asked.tokens_out)
            return self.judging(section.judge, asked.count * languages, attempt, tokens)

        return job

    def nlp_scores(self, w: Any, attempt: int = 1) -> Request:
        """All answers to all questions of the benchmarks in some languages."""
        section = self.config.evaluation.nlp
        assert section is not None
        tasks = sum(len(section.tasks(language)) for language in languages_of(w.languages))
        asked = min(1.0, section.limit / QUESTIONS) if section.limit else 1.0
        site = replace(self.site, gpus=self.policies.gpus(w.policy))
        parameters, tokens = self.parameters(w.policy), tasks * asked * BENCHMARK
        return resources.reading(site, parameters, tokens, section.dtype, attempt)

    def judging(
        self, judge: str, requests: int, attempt: int = 1, tokens: tuple[int, int] = (2000, 300)
    ) -> Request:
        """Requests of so many tokens (in, out) to a judge; one that the job serves takes GPUs."""
        chosen = self.config.judges[judge]
        if chosen.serve and chosen.serve.backend == "vllm" and chosen.serve.model:
            parameters = self.parameters(chosen.serve.model)
            site = replace(self.site, gpus=self.policies.gpus(chosen.serve.model))
            return resources.reading(site, parameters, requests * sum(tokens), "bfloat16", attempt)
        price = chosen.price.model_dump() if chosen.price else {"input": 0.0, "output": 0.0}
        return resources.judging(self.site, requests, tokens, price, attempt)

    def miniature(self, _: Any = None, attempt: int = 1) -> Request:
        """Anything of the miniature world."""
        return resources.tables(self.site, 10_000, attempt)

    def _training(self, policy: str, pairs: int, attempt: int) -> Request:
        settings = self.settings.training(policy)
        return resources.training(
            self.site,
            self.parameters(policy),
            pairs * settings["epochs"],
            self.config.sampling.max_tokens,
            settings["precision"],
            attempt,
            self._training_speed(policy),
            self.config.compute.checkpoint_minutes,
        )
