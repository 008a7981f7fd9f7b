"""What depends on what, as names and paths: the one place that knows where a fact lives.

Everything here follows from the configuration alone, so the whole plan can be listed before
anything is computed. A *policy* is any model that can answer: a base model (``llama-3-8b-sft``)
or an experiment's iteration (``main-2``).
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from icr.config import Config
from icr.config.evaluated import Evaluated
from icr.config.experiments import Experiment, Training
from icr.config.models import AlignedSource, MiniatureSource
from icr.config.mtbench import MtBench
from icr.config.prompts import MiniaturePrompts, TranslatedPrompts


@dataclass(frozen=True)
class Iteration:
    """One iteration t of an experiment: samples from ``start``, trains ``policy``."""

    policy: str
    """Canonical name of π^t, e.g. ``main-2``."""
    experiment: str
    start: str
    """π^{t-1}: samples, is scored, and is trained further."""
    reference: str
    """What the reward is measured against."""
    settings: Experiment


class Dag:
    """Names and paths of a configuration.

    Two iterations with equal inputs and settings are one: the experiment that comes first in the
    configuration owns the policy, and the others use it.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.results = f"results/{config.run}"

    @cached_property
    def iterations(self) -> dict[str, Iteration]:
        """Every distinct iteration by the name of its policy, in the order of the rows."""
        return {policy: step for policy, step in self._resolved[0].items()}

    @cached_property
    def _resolved(self) -> tuple[dict[str, Iteration], dict[tuple[str, int], str]]:
        owned: dict[str, Iteration] = {}
        owner_of: dict[str, str] = {}
        names: dict[tuple[str, int], str] = {}
        for name, row in self.config.experiments.items():
            lineage = [row.start]
            for t in range(1, row.iterations + 1):
                start = lineage[-1]
                moves = row.scoring_reference == "previous" and t > 1
                reference = lineage[-2] if moves else row.reference
                kept = row.model_dump(exclude={"start", "reference", "scoring_reference"})
                del kept["iterations"]
                key = json.dumps([start, reference, kept], sort_keys=True)
                policy = owner_of.setdefault(key, f"{name}-{t}")
                owned.setdefault(policy, Iteration(policy, name, start, reference, row))
                names[name, t] = policy
                lineage.append(policy)
        return owned, names

    @cached_property
    def trained(self) -> list[str]:
        """The iterations that end in a policy; of the others only the pairs are wanted."""
        return [policy for policy, step in self.iterations.items() if step.settings.train]

    @cached_property
    def lidr(self) -> list[str]:
        """The iterations whose pairs are made without rewards."""
        steps = self.iterations.items()
        return [policy for policy, step in steps if step.settings.pairs.method == "lidr"]

    @cached_property
    def rewarded(self) -> list[str]:
        """The iterations whose pairs are built from rewards."""
        return [policy for policy in self.iterations if policy not in self.lidr]

    @cached_property
    def implicit(self) -> list[str]:
        """Those of them whose rewards are implicit."""
        views = {policy: self.iterations[policy].settings.reward.view for policy in self.rewarded}
        return [policy for policy, view in views.items() if view != "natural"]

    def policy(self, experiment: str, t: int) -> str:
        """Canonical name of an experiment's π^t; π⁰ is the base model that it starts from."""
        if t == 0:
            return self.config.experiments[experiment].start
        return self._resolved[1][experiment, t]

    def lineage(self, experiment: str) -> list[str]:
        """π_I, π⁰, π¹ … of an experiment; where nothing is trained, π_I and π⁰."""
        row = self.config.experiments[experiment]
        last = row.iterations if row.train else 0
        return [row.reference, *(self.policy(experiment, t) for t in range(last + 1))]

    def policy_named(self, name: str) -> str:
        """Canonical name of a policy: a base model, or ``{experiment}-{t}``."""
        if name in self.config.models:
            return name
        experiment, _, t = name.rpartition("-")
        return self.policy(experiment, int(t))

    def evaluated(self, section: Evaluated) -> list[str]:
        """The policies that an evaluation looks at, each once, under their canonical names."""
        named = [self.policy_named(name) for name in section.policies]
        every = [policy for name in self.config.experiments for policy in self.lineage(name)]
        besides = [self.policy_named(name) for name in section.besides]
        return list(dict.fromkeys([*(named or every), *besides]))

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
        kept = chosen.model_dump(include={"oracle", "options", "price"})
        return {"name": name, "model": model, "serve": serve, **kept}

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

    def verdicts(self, judge: str, evaluation: str, policy: str, language: str) -> str:
        """Where a judge's verdicts are kept; undeclared, so that no failure removes them."""
        return f"{self.results}/verdicts/{judge}/{evaluation}/{policy}/{language}.jsonl"

    @cached_property
    def models(self) -> list[str]:
        """The base models that the experiments stand on, in the order of the configuration.

        The others are there for evaluations that name them, and are not fetched for nothing.
        """
        rows = self.config.experiments.values()
        used = {m for row in rows for m in (row.start, row.reference, row.reward.model)}
        for name in reversed(self.config.models):
            source = self.config.models[name].source
            if name in used and isinstance(source, AlignedSource):
                used.add(source.align)
        return [name for name in self.config.models if name in used]

    def model_folder(self, policy: str) -> str:
        """Folder of any policy: downloaded, made on the spot, or trained by an experiment."""
        if policy in self.iterations:
            return f"{self.results}/policies/{policy}"
        made = isinstance(self.config.models[policy].source, AlignedSource | MiniatureSource)
        return f"{self.results}/models/{policy}" if made else f"resources/models/{policy}"

    def gpus(self, policy: str) -> int:
        """GPUs of a job in which a policy answers; 0 where everything runs on CPUs."""
        base = self.config.models.get(policy)
        return self.config.compute.gpus * (base.gpus if base else 1)

    def backend_options(self, policy: str) -> dict[str, Any]:
        """Options of the sampling backend where a policy answers."""
        options: dict[str, Any] = dict(self.config.sampling.options)
        gpus = self.gpus(policy)
        return {**options, "tensor_parallel": gpus} if gpus > 1 else options

    def prompt_file(self, prompts: str, language: str) -> str:
        """The prompts of one language."""
        return f"resources/prompts/{prompts}/{language}.jsonl"

    def blocks(self, prompts: str, count: int) -> list[str]:
        """Names of the blocks that hold the first ``count`` prompts of a set."""
        return [f"{b:04d}" for b in range(-(-count // self.config.prompts[prompts].block))]

    def rows(self, prompts: str, block: str) -> tuple[int, int]:
        """First row and number of rows of a block; the last one of a set may be shorter.

        A block is always whole, whoever asks for it, so that experiments can share it.
        """
        chosen = self.config.prompts[prompts]
        first = int(block) * chosen.block
        return first, min(chosen.block, chosen.size - first)

    def samples(self, policy: str, row: Experiment, language: str) -> list[str]:
        """The blocks of responses that an experiment reads."""
        return [
            f"{self.results}/samples/{policy}/{row.prompts.set}/{language}/{block}.parquet"
            for block in self.blocks(row.prompts.set, row.prompts.count)
        ]

    def logprobs(self, policy: str, scorer: str, row: Experiment, language: str) -> list[str]:
        """The blocks of log-probabilities that ``scorer`` gives to the responses of ``policy``."""
        view = self.view(row.reward.view, language)
        tokens = "" if row.reward.tokens == "all" else f"-{row.reward.tokens}"
        return [
            f"{self.results}/logprobs/{view}{tokens}/{policy}/{scorer}/"
            f"{row.prompts.set}/{language}/{block}.parquet"
            for block in self.blocks(row.prompts.set, row.prompts.count)
        ]

    def translations(self, policy: str, row: Experiment, language: str) -> list[str]:
        """The blocks of translations that an experiment scores in the responses' place, if any."""
        if self.view(row.reward.view, language) != "translated":
            return []
        samples = self.samples(policy, row, language)
        return [path.replace("/samples/", "/translations/", 1) for path in samples]

    def natural_rewards(self, policy: str, row: Experiment, language: str) -> list[str]:
        """The blocks of rewards that an external model gives to the responses, if one does."""
        if row.reward.view != "natural":
            return []
        return [
            path.replace("/samples/", f"/natural-rewards/{row.reward.model}/", 1)
            for path in self.samples(policy, row, language)
        ]

    def greedy(self, policy: str, row: Experiment, language: str) -> str:
        """The greedy answers that LIDR compares; one file, as they are a tenth of the samples."""
        prompts = row.prompts
        return f"{self.results}/greedy/{policy}/{prompts.set}/{language}/{prompts.count}.parquet"

    def greedy_translations(self, policy: str, row: Experiment, source: str, target: str) -> str:
        """The greedy answers to the prompts of ``source``, translated into ``target``."""
        there = f"{self.results}/greedy-translations/{policy}/{row.prompts.set}"
        return f"{there}/{source}-{target}/{row.prompts.count}.parquet"

    @staticmethod
    def lidr_sources(row: Experiment, language: str) -> list[str]:
        """The languages whose answers LIDR translates into this one: English, or all others."""
        return ["en"] if language != "en" else [la for la in row.languages if la != "en"]

    @staticmethod
    def view(view: str, language: str) -> str:
        """The view under which a language's scores are kept.

        The English instruction has no prefix (Section 3) and an English response needs no
        translation, so in English all views score the same text given the same text, and the
        scores are kept once, as multilingual.
        """
        return "multilingual" if language == "en" else view

    def pairs(self, step: Iteration) -> list[str]:
        """The pair files that an iteration trains on, one a language."""
        return [
            f"{self.results}/pairs/{step.policy}/{la}.parquet" for la in step.settings.languages
        ]

    def pair_settings(self, policy: str) -> dict[str, Any]:
        """What pair building needs of an iteration's settings (icr.pairs.PairSettings)."""
        row = self.iterations[policy].settings
        kept = row.pairs.model_dump(exclude={"method"})
        return {"beta": row.reward.beta, "penalty": row.length_penalty.mode, **kept}

    def lidr_settings(self, policy: str) -> dict[str, Any]:
        """What LIDR needs of an iteration's settings (icr.lidr.LidrSettings)."""
        used = {"identical", "truncated", "wrong_language"}
        return self.iterations[policy].settings.pairs.model_dump(include=used)

    def training(self, policy: str) -> dict[str, Any]:
        """Training settings of an iteration or of an aligned base model, with the run's seed."""
        settings = self._training(policy)
        return {**settings.model_dump(), "seed": self.config.seed}

    def made(self, policy: str) -> dict[str, Any]:
        """What a trained policy is, in words for its model card; ``start`` is always there."""
        if policy not in self.iterations:
            source = self._aligned(policy)
            return {
                "start": source.align,
                "pairs": f"its own English responses to {source.count} prompts of "
                f"{source.prompts}, ranked by {source.annotator}",
            }
        step = self.iterations[policy]
        row = step.settings
        return {
            "experiment": step.experiment,
            "iteration": int(policy.rpartition("-")[2]),
            "start": step.start,
            **self._preference(step),
            "prompts": f"{row.prompts.count} of {row.prompts.set} in each language",
        }

    @staticmethod
    def _preference(step: Iteration) -> dict[str, Any]:
        row = step.settings
        if row.pairs.method == "lidr":
            return {"pairs": "own greedy answers and translated ones (LIDR)"}
        penalty = {"length penalty": row.length_penalty.mode}
        if row.reward.model is not None:
            return {"reward": row.reward.model, **penalty}
        return {
            "reward": f"{row.reward.view}, β {row.reward.beta}",
            "reference of the reward": step.reference,
            **penalty,
        }

    def languages_of(self, prompts: str) -> list[str]:
        """Languages of a set."""
        return list(self.config.prompts[prompts].languages)

    def condition_file(self, view: str, prompts: str, language: str) -> str:
        """The prompts that a view's scorers condition on."""
        return self.prompt_file(prompts, language if view.startswith("multilingual") else "en")

    def scored_file(self, view: str) -> str:
        """The responses that a view scores: the samples, or their translations. With wildcards."""
        kind = "translations" if view.startswith("translated") else "samples"
        return f"{self.results}/{kind}/{{policy}}/{{prompts}}/{{language}}/{{block}}.parquet"

    def prompt_source(self, prompts: str) -> dict[str, Any]:
        """Where a set's files, or the English side of a translated set, are fetched from."""
        source = self.config.prompts[prompts].source
        return (source.english if isinstance(source, TranslatedPrompts) else source).model_dump()

    def facts_of_annotator(self, model: str) -> str | None:
        """The facts by which the oracle ranks an aligned model's English pairs, if it does."""
        source = self._aligned(model)
        prompts = self.config.prompts[source.prompts].source
        if source.annotator == "oracle" and isinstance(prompts, MiniaturePrompts):
            return prompts.miniature
        return None

    def english_draws(self, model: str) -> dict[str, Any]:
        """How an aligned model's English pairs are drawn (icr.alignment.Draws)."""
        drawn = {"draws", "samples", "temperature", "low_temperature"}
        settings = self._aligned(model).model_dump(include=drawn)
        sampling = self.config.sampling
        return {**settings, "max_tokens": sampling.max_tokens, "chunk": sampling.chunk}

    def _training(self, policy: str) -> Training:
        if policy in self.iterations:
            return self.iterations[policy].settings.training
        return self.config.aligned_training(policy)

    def _aligned(self, model: str) -> AlignedSource:
        source = self.config.models[model].source
        assert isinstance(source, AlignedSource)
        return source
