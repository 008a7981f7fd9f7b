"""The size of each rule's jobs, from the configuration: what rules ask the cluster for.

One function a rule, named as the rule is. It takes the rule's wildcards and the attempt. Judged
benchmarks state their own sizes (:mod:`icr.evaluation.judged`).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from icr.config import Config
from icr.config.models import AlignedSource, MiniatureSource
from icr.config.prompts import TranslatedPrompts
from icr.evaluation.judged import JUDGED
from icr.workflow import resources
from icr.workflow.blocks import Blocks
from icr.workflow.evaluations import Evaluations
from icr.workflow.grouping import languages_of
from icr.workflow.parameters import Parameters
from icr.workflow.policies import Policies
from icr.workflow.resources import Request, Site

BENCHMARK = 8e6
"""Tokens of an NLP benchmark in one language, on average: MMLU's five examples before each of
14,000 questions are half of all."""
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
    ) -> None:
        self.config, self.policies, self.blocks = config, policies, blocks
        self.evaluations, self.settings = evaluations, parameters
        compute = config.compute
        self.site = Site(
            compute.gpus,
            compute.training_processes,
            compute.threads,
            compute.speed,
            compute.longest,
        )

    def parameters(self, policy: str) -> float:
        """Weights of a policy: those of the base model that it descends from."""
        while policy in self.policies.iterations:
            policy = self.policies.iterations[policy].start
        model = self.config.models[policy]
        if isinstance(model.source, AlignedSource):
            return self.parameters(model.source.align)
        return 1e6 if isinstance(model.source, MiniatureSource) else model.parameters

    def answers(self, policy: str, responses: int, max_tokens: int, attempt: int = 1) -> Request:
        """So many responses of a policy, on as many GPUs as it needs."""
        site = replace(self.site, gpus=self.policies.gpus(policy))
        return resources.sampling(site, self.parameters(policy), responses, max_tokens, attempt)

    def sample(self, w: Any, attempt: int = 1) -> Request:
        """N responses to each prompt of a block."""
        rows = self.blocks.rows(w.prompts, w.block)[1]
        sampling = self.config.sampling
        return self.answers(w.policy, rows * sampling.n, sampling.max_tokens, attempt)

    def self_translate(self, w: Any, attempt: int = 1) -> Request:
        """One translation of each response of a block."""
        return self.sample(w, attempt)

    def greedy(self, w: Any, attempt: int = 1) -> Request:
        """One answer to each of the first prompts of a set."""
        return self.answers(w.policy, int(w.first), self.config.sampling.max_tokens, attempt)

    def greedy_translate(self, w: Any, attempt: int = 1) -> Request:
        """One translation of each of these."""
        return self.greedy(w, attempt)

    def natural_rewards(self, w: Any, attempt: int = 1) -> Request:
        """An external reward model's score of each response of a block."""
        return self.logprobs(w, attempt)

    def logprobs(self, w: Any, attempt: int = 1) -> Request:
        """One model's score of each response of a block."""
        rows = self.blocks.rows(w.prompts, w.block)[1]
        sampling = self.config.sampling
        return resources.scoring(
            self.site,
            self.parameters(w.scorer),
            rows,
            rows * sampling.n,
            sampling.max_tokens,
            self.config.scoring.precision,
            attempt,
        )

    def build_pairs(self, w: Any, attempt: int = 1) -> Request:
        """All that the pairing reads of a language, and what the reward takes to compute."""
        step = self.policies.iterations[w.policy]
        more = step.reward.milliseconds if step.pairing.rewarded else 0.0
        row, samples = step.settings, self.config.sampling.n
        read = step.pairing.responses(row.prompts.count, len(row.languages), samples)
        return resources.tables(self.site, read, attempt, more)

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
            languages = len(self.evaluations.judged[name].asked) if together else 1
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
        )
