"""The files and settings that the report, the provenance record and some figures read."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

from icr.evaluation.judged import JUDGED, Average
from icr.pairing import PAIRINGS
from icr.rewards import REWARDS
from icr.tables.lineages import signs
from icr.workflow.blocks import Blocks
from icr.workflow.evaluations import Evaluations
from icr.workflow.greedy import GreedyAnswers
from icr.workflow.judges import Judges
from icr.workflow.policies import Policies

ANSWERING = ("samples", "translations", "greedy", "greedy-translations", "nlp")
"""Folders of the benchmark files of jobs that sample from a policy or evaluate it."""
NLP = (
    Average("NLP benchmarks, English", "mean", ".3f", english=True),
    Average("NLP benchmarks, other languages", "mean", ".3f"),
)
"""Averages over all NLP benchmarks, for the report's summary."""


class Reporting:
    """Answers, summaries, averages, text files and GPUs of a run."""

    def __init__(
        self,
        policies: Policies,
        blocks: Blocks,
        greedy: GreedyAnswers,
        judges: Judges,
        evaluations: Evaluations,
    ) -> None:
        self.config, self.paths, self.policies = policies.config, policies.paths, policies
        self.blocks, self.greedy, self.judges = blocks, greedy, judges
        self.evaluations = evaluations

    def answers(self) -> dict[tuple[str, str], str]:
        """Files with answers of main's policies, by policy and language.

        These are answers to X-AlpacaEval or, in a run without it, samples or greedy answers, which
        the last policy does not have.
        """
        languages = self.config.experiments["main"].languages
        lineage = self.policies.lineage("main")[1:]
        judged = self.evaluations.xalpacaeval.metrics
        if judged:
            outputs = self.paths.xalpacaeval_outputs
            return {
                (policy, la): outputs.format(policy=policy, language=la)
                for policy in lineage
                for la in languages
                if (policy, la) in judged
            }
        steps = [self.policies.iterations[self.policies.of("main", t)]
                 for t in range(1, len(lineage))]  # fmt: skip
        return {
            (step.sampler, la): (
                self.blocks.samples(step, la)[0]
                if step.pairing.rewarded
                else self.greedy.greedy(step, la)
            )
            for step in steps
            for la in languages
        }

    def judged_signs(self) -> dict[str, str]:
        """Display names (π⁰, π¹ …) of main's policies that are judged in a language of main."""
        languages = set(self.config.experiments["main"].languages)
        judged = self.evaluations.xalpacaeval.languages
        lineage = signs(self.policies.lineage("main")).items()
        return {policy: sign for policy, sign in lineage if languages & {*judged.get(policy, [])}}

    def pair_summaries(self, policies: Collection[str] | None = None) -> dict[tuple[str, str], str]:
        """Pair summaries by policy and language, of all iterations or of ``policies``."""
        return {
            (policy, language): self.paths.pair_summary.format(policy=policy, language=language)
            for policy, step in self.policies.iterations.items()
            if policies is None or policy in policies
            for language in step.settings.languages
        }

    def trained(self) -> dict[str, str]:
        """Training summaries by policy; aligned base models come first."""
        policies = [*self.policies.aligned, *self.policies.trained]
        return {policy: self.paths.training_summary.format(policy=policy) for policy in policies}

    def preference(self) -> dict[str, Any]:
        """How main's pairs are made (icr.report.overview.Preference)."""
        row = self.config.experiments["main"]
        pairing = PAIRINGS[row.pairs.method]
        reward = REWARDS[row.reward.view] if pairing.rewarded else None
        return {
            "pairing": pairing.title,
            "reward": reward.title if reward else None,
            "reference": bool(reward and reward.reference),
            "model": ", ".join(row.reward_models) if reward and reward.model else None,
        }

    def averages(self) -> list[dict[str, Any]]:
        """Columns of the report's summary: an evaluation, and one of its averages."""

        def judged(names: Iterable[str]) -> list[dict[str, Any]]:
            return [
                {"evaluation": name, **asdict(average)}
                for name in names
                for average in JUDGED[name].averages
            ]

        nlp = [{"evaluation": "nlp", **asdict(average)} for average in NLP]
        return [
            *judged(name for name in JUDGED if not JUDGED[name].of_pairs),
            *nlp,
            *judged(name for name in JUDGED if JUDGED[name].of_pairs),
        ]

    def captions(self) -> dict[str, tuple[str, str]]:
        """Caption and alternative text of each judged benchmark's figure, by benchmark."""
        return {name: (JUDGED[name].caption, JUDGED[name].alternative) for name in JUDGED}

    def text_files(self) -> list[str]:
        """The files of prompts, questions and references that the run uses."""
        files = {
            self.paths.prompts.format(prompts=row.prompts.set, language=language)
            for row in self.config.experiments.values()
            for language in {"en", *row.languages}
        }
        questions = [
            (section.questions, language)
            for name, measured in self.evaluations.judged.items()
            if (section := self.evaluations.section(name)) and not JUDGED[name].of_pairs
            for language in measured.all_languages
        ]
        files |= {self.paths.questions.format(questions=n, language=la) for n, la in questions}
        files |= {
            self.paths.references.format(questions=name, language=language)
            for name, language in questions
            if self.config.questions[name].files(language).references
        }
        return sorted(files)

    def gpus_held(self) -> dict[str, int]:
        """GPUs that a job holds, by the folder of its benchmark file.

        The longest matching folder counts; jobs without a match run on CPUs. Some models need
        several GPUs.
        """
        compute = self.config.compute
        scoring = ("arithmetic", "natural-arithmetic", "logprobs", "natural-rewards",
                   "hidden-states", "scores")  # fmt: skip
        held = dict.fromkeys((*ANSWERING, *scoring), compute.gpus)
        held |= {f"pairs/{name}": compute.gpus for name in self.policies.aligned}
        stages = [f"{stage}/{{}}" for stage in ANSWERING]
        stages += [f"{n}/{{}}/{JUDGED[n].answers}" for n in JUDGED if not JUDGED[n].of_pairs]
        for policy in [*self.config.models, *self.policies.iterations]:
            if gpus := self.policies.gpus(policy):
                held |= {stage.format(policy): gpus for stage in stages}
        for name in JUDGED:
            section = self.evaluations.section(name)
            if section and self.judges.environment(section.judge) == "sampling":
                held[name] = compute.gpus
        return {**held, "training": compute.training_processes if compute.gpus else 0}
