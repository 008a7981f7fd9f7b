"""What is evaluated, in which languages, and where the metrics of each evaluation lie."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from icr.config import Config
from icr.config.evaluated import Evaluated
from icr.config.nlp import Nlp
from icr.evaluation.nlp.tasks import Task
from icr.tables.results import Key
from icr.workflow.grouping import together
from icr.workflow.paths import Paths
from icr.workflow.policies import Policies


@dataclass(frozen=True)
class Measured:
    """What one evaluation measures; nothing where a configuration leaves it out."""

    path: str
    """Of a metric file, with wildcards."""
    languages: Mapping[str, list[str]] = field(default_factory=dict)
    """By policy, in their order."""

    @cached_property
    def metrics(self) -> dict[tuple[str, str], str]:
        """The metric files by policy and language."""
        return {
            (policy, language): self.path.format(policy=policy, language=language)
            for policy, languages in self.languages.items()
            for language in languages
        }


class Evaluations:
    """The evaluations of a run."""

    def __init__(self, config: Config, paths: Paths, policies: Policies) -> None:
        self.config, self.paths, self.policies = config, paths, policies

    @cached_property
    def measured(self) -> dict[Key, str]:
        """All metric files of the run by evaluation, policy and language."""
        evaluations = {
            "xalpacaeval": self.xalpacaeval,
            "mtbench": self.mtbench,
            "nlp": self.nlp,
            "reward-accuracy": self.reward_accuracy,
        }
        return {
            (name, *cell): path
            for name, evaluation in evaluations.items()
            for cell, path in evaluation.metrics.items()
        }

    @cached_property
    def xalpacaeval(self) -> Measured:
        """X-AlpacaEval, of policies and of systems whose outputs are stored."""
        section = self.config.evaluation.xalpacaeval
        path = self.paths.xalpacaeval_metrics
        if section is None:
            return Measured(path)
        known = self.config.questions[section.questions].languages
        stored = {
            name: [la for la in outputs.languages if la in known]
            for name, outputs in section.outputs.items()
        }
        return Measured(path, {**self._languages(section, known), **stored})

    @cached_property
    def mtbench(self) -> Measured:
        """MT-Bench, which is asked in the same languages of all its policies."""
        section = self.config.evaluation.mtbench
        path = self.paths.mtbench_metrics
        if section is None:
            return Measured(path)
        known = self.config.questions[section.questions].languages
        wanted = self._languages(section, known)
        asked = [la for la in known if any(la in languages for languages in wanted.values())]
        return Measured(path, dict.fromkeys(wanted, asked))

    @cached_property
    def mtbench_languages(self) -> list[str]:
        """The languages in which MT-Bench is asked."""
        return next(iter(self.mtbench.languages.values()), [])

    @cached_property
    def nlp(self) -> Measured:
        """The NLP benchmarks."""
        section = self.config.evaluation.nlp
        languages = self._languages(section, section.covered()) if section else {}
        return Measured(self.paths.nlp_metrics, languages)

    @cached_property
    def reward_accuracy(self) -> Measured:
        """How often a judge agrees with the pairs of iterations."""
        section = self.config.evaluation.reward_accuracy
        path = self.paths.reward_accuracy_metrics
        if section is None:
            return Measured(path)
        languages = {
            policy: [
                language
                for language in self.policies.iterations[policy].settings.languages
                if language in (section.languages or [language])
            ]
            for policy in map(self.policies.named, section.experiments)
        }
        return Measured(path, languages)

    @cached_property
    def judged_twice(self) -> dict[tuple[str, str], tuple[str, str]]:
        """Metric files of reward accuracy, each with the trained policy's of X-AlpacaEval."""
        win_rates = self.xalpacaeval.metrics
        return {
            cell: (path, win_rates[cell])
            for cell, path in self.reward_accuracy.metrics.items()
            if cell in win_rates
        }

    def nlp_tasks(self, languages: Iterable[str]) -> list[Task]:
        """The NLP tasks of some languages."""
        return [task for language in languages for task in self._nlp.tasks(language)]

    def nlp_scores(self, policy: str, language: str) -> str:
        """The job's file that holds a policy's scores in a language."""
        languages, size = self.nlp.languages[policy], self._nlp.languages_per_job
        return _job(self.paths.nlp_scores, policy, language, languages, size)

    def xalpacaeval_answers(self, policy: str, language: str) -> str:
        """The file that holds a policy's answers to X-AlpacaEval in a language."""
        section = self.config.evaluation.xalpacaeval
        if section and policy in section.outputs:
            return self.paths.stored_outputs.format(policy=policy, language=language)
        languages = self.xalpacaeval.languages[policy]
        return _job(self.paths.xalpacaeval_answers, policy, language, languages)

    def mtbench_answers(self, policy: str, language: str) -> str:
        """The job's file that holds a policy's answers to MT-Bench in a language."""
        return _job(self.paths.mtbench_answers, policy, language, self.mtbench_languages)

    def oracle_scores(self, policy: str) -> list[str]:
        """The files that hold the oracle's scores of a policy in main's languages."""
        languages = self.config.experiments["main"].languages
        path = self.paths.oracle_scores
        return list(dict.fromkeys(_job(path, policy, la, languages) for la in languages))

    def _languages(self, section: Evaluated, known: list[str]) -> dict[str, list[str]]:
        """The languages of an evaluation by the policies that it looks at, each once.

        ``known`` are the languages that have questions.
        """
        named = [self.policies.named(name) for name in section.policies]
        every = [p for name in self.config.experiments for p in self.policies.lineage(name)]
        extra = [self.policies.named(name) for name in section.extra_policies]
        policies = dict.fromkeys([*(named or every), *extra])
        return {policy: self._languages_of(policy, section, known) for policy in policies}

    def _languages_of(self, policy: str, section: Evaluated, known: list[str]) -> list[str]:
        """Those of the experiments that a policy stands in.

        A model of no experiment takes main's.
        """
        experiments = self.config.experiments
        rows = [row for name, row in experiments.items() if policy in self.policies.lineage(name)]
        rows = rows or [experiments["main"]]
        languages = dict.fromkeys(language for row in rows for language in row.languages)
        return [la for la in languages if la in known and la in (section.languages or known)]

    @property
    def _nlp(self) -> Nlp:
        assert self.config.evaluation.nlp is not None
        return self.config.evaluation.nlp


def _job(
    path: str, policy: str, language: str, languages: list[str], size: int | None = None
) -> str:
    """The file of the job in which a policy answers in a language."""
    path = path.replace("{policy}", policy)
    return path.format(languages=together(path, language, languages, size))
