"""What is evaluated, in which languages, by which judge."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from icr.config.evaluated import Evaluated
from icr.config.mtbench import MtBench
from icr.config.nlp import Nlp
from icr.config.questions import FileSource, MiniatureFiles
from icr.evaluation.nlp.tasks import Task
from icr.workflow.compared import compared
from icr.workflow.models import Models


class Evaluations(Models):
    """Policies, languages, judges and files of the evaluations."""

    def evaluated(self, section: Evaluated) -> list[str]:
        """The policies that an evaluation looks at, each once, under their canonical names."""
        named = [self.policy_named(name) for name in section.policies]
        every = [policy for name in self.config.experiments for policy in self.lineage(name)]
        extra = [self.policy_named(name) for name in section.extra_policies]
        return list(dict.fromkeys([*(named or every), *extra]))

    def evaluated_languages(self, section: Evaluated, policy: str, known: list[str]) -> list[str]:
        """The languages of an evaluation for a policy: those of the experiments it stands in.

        A model of no experiment takes main's. ``known`` are the languages that have questions.
        """
        rows = [r for n, r in self.config.experiments.items() if policy in self.lineage(n)]
        rows = rows or [self.config.experiments["main"]]
        languages = dict.fromkeys(language for row in rows for language in row.languages)
        return [la for la in languages if la in known and la in (section.languages or known)]

    def xalpacaeval_languages(self) -> dict[str, list[str]]:
        """The languages of X-AlpacaEval for every policy and every system of stored outputs."""
        section = self.config.evaluation.xalpacaeval
        if section is None:
            return {}
        known = self.config.questions[section.questions].languages
        policies = {
            policy: self.evaluated_languages(section, policy, known)
            for policy in self.evaluated(section)
        }
        stored = {
            name: [la for la in outputs.languages if la in known]
            for name, outputs in section.outputs.items()
        }
        return {**policies, **stored}

    def graded_languages(self, section: MtBench) -> list[str]:
        """The languages in which MT-Bench is asked: the same ones of all its policies."""
        known = self.config.questions[section.questions].languages
        wanted = {
            language
            for policy in self.evaluated(section)
            for language in self.evaluated_languages(section, policy, known)
        }
        return [language for language in known if language in wanted]

    def judge(self, name: str) -> dict[str, Any]:
        """What of a judge decides its verdicts (icr.judging.JudgeSettings)."""
        chosen = self.config.judges[name]
        serve = None
        model = chosen.model or ("oracle" if chosen.oracle else name)
        if chosen.serve is not None:
            served = chosen.serve
            path = served.gguf if served.model is None else self.model_folder(served.model)
            serve = {"backend": served.backend, "path": path, "options": served.options}
            model = chosen.model or served.model or name
        given = {"name": name, "model": model, "serve": serve}
        return compared(chosen, include={"oracle", "options", "price"}, more=given)

    def judge_inputs(self, name: str) -> list[str]:
        """Files that a judge needs on this machine."""
        chosen = self.config.judges[name]
        served = chosen.serve
        if served is not None and served.model is not None:
            return [self.model_folder(served.model)]
        if served is not None and served.gguf is not None:
            return [] if served.gguf.startswith("package:") else [served.gguf]
        return [] if chosen.oracle is None else [chosen.oracle]

    def question_file(self, questions: str, language: str) -> str:
        """A benchmark's questions in one language."""
        return f"resources/questions/{questions}/{language}.jsonl"

    def reference_file(self, questions: str, language: str) -> str:
        """Reference answers to a benchmark's questions in one language."""
        return f"resources/references/{questions}/{language}.json"

    def output_file(self, system: str, language: str) -> str:
        """Stored answers of another system to X-AlpacaEval's questions in one language."""
        return f"resources/outputs/{system}/{language}.json"

    def verdicts(self, judge: str, evaluation: str, policy: str, language: str) -> str:
        """Where a judge's verdicts are kept; undeclared, so that no failure removes them."""
        return f"{self.results}/verdicts/{judge}/{evaluation}/{policy}/{language}.jsonl"

    def judge_environment(self, name: str) -> str:
        """The environment that asks a judge: a model that vLLM serves needs vLLM."""
        served = self.config.judges[name].serve
        return "sampling" if served and served.backend == "vllm" else "xalpacaeval"

    def file_source(
        self, questions: str, language: str, kind: Literal["source", "references"]
    ) -> FileSource:
        """Where a question set's questions (``source``) or ``references`` come from."""
        source: FileSource = getattr(self.config.questions[questions].files(language), kind)
        return source

    def miniature_questions(self, kind: Literal["source", "references"]) -> list[str]:
        """The question sets whose files of this kind are the miniature's."""
        sets = self.config.questions.items()
        return [name for name, one in sets if isinstance(getattr(one, kind), MiniatureFiles)]

    def nlp_languages(self) -> dict[str, list[str]]:
        """The languages of the NLP benchmarks for every policy."""
        section = self.config.evaluation.nlp
        if section is None:
            return {}
        covered = section.covered()
        return {p: self.evaluated_languages(section, p, covered) for p in self.evaluated(section)}

    def nlp_tasks(self, languages: Iterable[str]) -> list[Task]:
        """The NLP tasks of some languages."""
        return [task for language in languages for task in self._nlp.tasks(language)]

    def nlp_scores(self, policy: str, language: str) -> str:
        """The job's file that holds a policy's scores in a language."""
        folder = f"{self.results}/nlp/{policy}/scores"
        size = self._nlp.languages_per_job
        return f"{folder}/{together(folder, language, self.nlp_languages()[policy], size)}.json"

    def xalpacaeval_samples(self, policy: str, language: str) -> str:
        """The job's file that holds a policy's answers to X-AlpacaEval in a language."""
        folder = f"{self.results}/xalpacaeval/{policy}/samples"
        languages = self.xalpacaeval_languages()[policy]
        return f"{folder}/{together(folder, language, languages)}.parquet"

    def mtbench_answers(self, section: MtBench, policy: str, language: str) -> str:
        """The job's file that holds a policy's answers to MT-Bench in a language."""
        folder = f"{self.results}/mtbench/{policy}/answers"
        return f"{folder}/{together(folder, language, self.graded_languages(section))}.jsonl"

    def oracle_scores(self, policy: str) -> list[str]:
        """The files that hold the oracle's scores of a policy in main's languages."""
        folder = f"{self.results}/scores/{policy}"
        languages = self.config.experiments["main"].languages
        jobs = dict.fromkeys(together(folder, language, languages) for language in languages)
        return [f"{folder}/{job}.parquet" for job in jobs]

    @property
    def _nlp(self) -> Nlp:
        assert self.config.evaluation.nlp is not None
        return self.config.evaluation.nlp


def together(folder: str, language: str, languages: Sequence[str], size: int | None = None) -> str:
    """The languages that one job answers with this one, joined by dashes: its file's name.

    Languages that were once answered together stay so, as the files in ``folder`` say, so that a
    language that is added is answered alone. Of the others ``size`` share a job, or all.
    """
    jobs: list[list[str]] = []
    for file in sorted(Path(folder).glob("[!.]*")):
        answered, taken = file.stem.split("-"), [la for job in jobs for la in job]
        if set(answered) <= set(languages) and set(answered).isdisjoint(taken):
            jobs.append(answered)
    left = [la for la in languages if not any(la in job for job in jobs)]
    size = size or len(languages)
    jobs += [left[i : i + size] for i in range(0, len(left), size)]
    return "-".join(next(job for job in jobs if language in job))
