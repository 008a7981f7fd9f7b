"""The size of each rule's jobs, from the configuration: what rules request from the cluster.

One method per rule, under the rule's name. It takes the rule's wildcards and the attempt. Judged
benchmarks state their own sizes (:mod:`icr.evaluation.judged`).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from icr.config import Config
from icr.config.preferences import TranslatedPreferences
from icr.config.prompts import TranslatedPrompts
from icr.evaluation.judged import JUDGED
from icr.scoring.guard import PROMPTS
from icr.workflow import resources
from icr.workflow.blocks import Blocks
from icr.workflow.evaluations import Evaluations
from icr.workflow.grouping import Span, blocks_of, languages_of
from icr.workflow.policies import Policies
from icr.workflow.resources import Request
from icr.workflow.work import Work

BENCHMARK = 8e6
"""Mean number of tokens of an NLP benchmark in one language. MMLU's five examples before each of
14,000 questions are half of them."""
TRIPLE = 600
"""Mean number of tokens of a prompt and one response of a preference triple."""
QUESTIONS = 1_000
"""Questions of an NLP benchmark in one language, of which ``limit`` is a share. Most have more;
MMLU has more tasks in English, each with the limit."""
Sized = Callable[..., Request]
"""Returns the request of a job from its wildcards and the attempt."""


class Jobs:
    """Requests of a configuration's jobs."""

    def __init__(
        self,
        config: Config,
        policies: Policies,
        blocks: Blocks,
        evaluations: Evaluations,
        work: Work,
    ) -> None:
        self.config, self.policies, self.blocks = config, policies, blocks
        self.evaluations, self.work = evaluations, work

    def prompts(self, w: Any) -> int:
        """Number of prompts in a job's blocks, in all of its languages."""
        rows = self.blocks.rows(w.prompts, blocks_of(w.blocks))[1]
        return rows * len(languages_of(w.languages))

    def sample(self, w: Any, attempt: int = 1) -> Request:
        """N responses to each prompt of a job's blocks."""
        return self.work.sampling(w.policy, self.prompts(w), attempt)

    def self_translate(self, w: Any, attempt: int = 1) -> Request:
        """One translation of each response of a job's blocks, a chunk of prompts at a time."""
        sampling = self.config.sampling
        responses, at_once = self.prompts(w) * sampling.n, sampling.chunk * sampling.n
        return self.work.answers(w.policy, responses, sampling.max_tokens, attempt, at_once)

    def greedy(self, w: Any, attempt: int = 1) -> Request:
        """One answer to each of the first prompts of a set."""
        return self.work.answers(w.policy, int(w.first), self.config.sampling.max_tokens, attempt)

    def greedy_translate(self, w: Any, attempt: int = 1) -> Request:
        """One translation of each of these answers."""
        return self.greedy(w, attempt)

    def natural_rewards(self, w: Any, attempt: int = 1) -> Request:
        """An external reward model's score of each response of a job's blocks."""
        return self.logprobs(w, attempt)

    def hidden_states(self, w: Any, attempt: int = 1) -> Request:
        """A policy's hidden states of each response of a job's blocks, read with its prompt."""
        parts = len(Span.named(w.languages, w.blocks).parts)
        prompts, sampling = self.prompts(w), self.config.sampling
        return resources.scoring(
            self.work.site,
            self.work.parameters(w.policy),
            prompts * sampling.n,
            prompts * sampling.n,
            sampling.max_tokens,
            self.config.scoring.precision,
            attempt,
            min(self.config.scoring.checks * parts, prompts) * sampling.n,
        )

    def logprobs(self, w: Any, attempt: int = 1) -> Request:
        """One model's score of each response of a job's blocks."""
        return self.work.scoring(
            w.scorer, self.prompts(w), attempt, len(Span.named(w.languages, w.blocks).parts)
        )

    def arithmetic(self, w: Any, attempt: int = 1) -> Request:
        """A policy's and its references' scores of a few responses, in each arithmetic."""
        models = {w.policy, *self.policies.references(w.policy, w.view, w.prompts)}
        trials = len(models) * len(languages_of(w.languages))
        return self._trial(self.work.parameters(w.policy), trials, attempt)

    def natural_arithmetic(self, w: Any, attempt: int = 1) -> Request:
        """The same of an external reward model."""
        return self._trial(self.work.parameters(w.scorer), len(languages_of(w.languages)), attempt)

    def _trial(self, parameters: float, trials: int, attempt: int) -> Request:
        sampling = self.config.sampling
        prompts = PROMPTS * trials
        responses = prompts * sampling.n
        return resources.scoring(
            self.work.site, parameters, prompts, responses, sampling.max_tokens, "float32", attempt
        )

    def build_pairs(self, w: Any, attempt: int = 1) -> Request:
        """The responses that the pairing reads in a language, and the computation of the reward."""
        step = self.policies.iterations[w.policy]
        milliseconds = step.reward.milliseconds if step.pairing.rewarded else 0.0
        row, samples = step.settings, self.config.sampling.n
        read = step.pairing.responses(row.prompts.count, len(row.languages), samples)
        states = step.pairing.rewarded and step.reward.states
        vectors = read * (2 if step.reward.english else 1) if states else 0
        return resources.tables(
            self.work.site, read, attempt, milliseconds, vectors * resources.STATES
        )

    def pooled_pairs(self, w: Any, attempt: int = 1) -> Request:
        """The same in all languages."""
        step = self.policies.iterations[w.policy]
        row, samples = step.settings, self.config.sampling.n
        read = step.pairing.responses(row.prompts.count, len(row.languages), samples)
        return resources.tables(
            self.work.site, read * len(row.languages), attempt, step.reward.milliseconds
        )

    def answer_pairs(self, w: Any, attempt: int = 1) -> Request:
        """One answer to each prompt in a language and in all others."""
        return self.build_pairs(w, attempt)

    def train(self, w: Any, attempt: int = 1) -> Request:
        """The pairs of all languages."""
        row = self.policies.iterations[w.policy].settings
        return self.work.training(w.policy, row.prompts.count * len(row.languages), attempt)

    def align(self, w: Any, attempt: int = 1) -> Request:
        """English pairs."""
        source = self.policies.alignment(w.policy)
        return self.work.training(w.policy, source.count * source.draws, attempt)

    def train_reward_model(self, w: Any, attempt: int = 1) -> Request:
        """The pairs of a preference set, each in one language."""
        source = self.policies.trained_reward_models[w.policy]
        pairs = self.config.preferences[source.preferences].size
        settings = source.training
        return resources.training(
            self.work.site,
            self.work.parameters(w.policy),
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
        return resources.reading(
            self.work.site, self.work.parameters(w.scorer), tokens, precision, attempt
        )

    def triple_states(self, w: Any, attempt: int = 1) -> Request:
        """One model's states of the chosen response and of the prompt of each triple."""
        section = self.config.evaluation.rewardbench
        assert section is not None
        tokens = self.config.preferences[section.triples].size * (TRIPLE + resources.PROMPT)
        precision = self.config.scoring.precision
        return resources.reading(
            self.work.site, self.work.parameters(w.scorer), tokens, precision, attempt
        )

    def representation(self, _: Any = None, attempt: int = 1) -> Request:
        """One model's states of all triples in all languages, two vectors each."""
        section = self.config.evaluation.rewardbench
        assert section is not None
        triples = self.config.preferences[section.triples]
        read = triples.size * len(section.languages or triples.languages)
        return resources.tables(self.work.site, read, attempt, mem_mb=read * resources.STATES)

    def english_pairs(self, w: Any, attempt: int = 1) -> Request:
        """Two or more responses for each English pair."""
        source = self.policies.alignment(w.policy)
        per_draw = source.samples if source.annotator == "oracle" else 2
        responses = source.count * source.draws * per_draw
        return self.work.answers(source.align, responses, self.config.sampling.max_tokens, attempt)

    def translate(self, w: Any, attempt: int = 1) -> Request:
        """Translations of a set's prompts by a model, or requests to an interface."""
        prompts = self.config.prompts[w.prompts]
        assert isinstance(prompts.source, TranslatedPrompts)
        translator = prompts.source.translate
        if translator.backend != "llm" or translator.model is None:
            return resources.tables(self.work.site, prompts.size, attempt)
        return self.work.answers(translator.model, prompts.size, translator.max_tokens, attempt)

    def translate_preferences(self, w: Any, attempt: int = 1) -> Request:
        """Translations of three texts of each pair of a set."""
        pairs = self.config.preferences[w.preferences]
        assert isinstance(pairs.source, TranslatedPreferences)
        translator = pairs.source.translate
        if translator.backend != "llm" or translator.model is None:
            return resources.tables(self.work.site, 3 * pairs.size, attempt)
        return self.work.answers(translator.model, 3 * pairs.size, translator.max_tokens, attempt)

    def judged_answers(self, name: str) -> Sized:
        """A policy's answers to a judged benchmark in some languages."""

        def job(w: Any, attempt: int = 1) -> Request:
            responses, max_tokens = JUDGED[name].responses(self.evaluations.section(name))
            number = responses * len(languages_of(w.languages))
            return self.work.answers(w.policy, number, max_tokens, attempt)

        return job

    def judged(self, name: str) -> Sized:
        """Requests to the judge of a benchmark, in one language or together in all."""

        def job(_: Any = None, attempt: int = 1) -> Request:
            section = self.evaluations.section(name)
            assert section is not None
            requests = JUDGED[name].requests(section, self.config.sampling.max_tokens)
            together = JUDGED[name].together
            languages = len(self.evaluations.judged[name].all_languages) if together else 1
            tokens = (requests.tokens_in, requests.tokens_out)
            return self.work.judging(section.judge, requests.count * languages, attempt, tokens)

        return job

    def nlp_scores(self, w: Any, attempt: int = 1) -> Request:
        """All answers to all questions of the benchmarks in some languages."""
        section = self.config.evaluation.nlp
        assert section is not None
        tasks = sum(len(section.tasks(language)) for language in languages_of(w.languages))
        share = min(1.0, section.limit / QUESTIONS) if section.limit else 1.0
        site = replace(self.work.site, gpus=self.policies.gpus(w.policy))
        parameters, tokens = self.work.parameters(w.policy), tasks * share * BENCHMARK
        return resources.reading(site, parameters, tokens, section.dtype, attempt)

    def miniature(self, _: Any = None, attempt: int = 1) -> Request:
        """Anything of the miniature world."""
        return resources.tables(self.work.site, 10_000, attempt)
