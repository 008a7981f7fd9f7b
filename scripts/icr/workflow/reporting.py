"""What the report and the record of a run look at."""

from collections.abc import Collection
from typing import Any

from icr.tables.lineages import signs
from icr.workflow.blocks import Blocks
from icr.workflow.evaluations import Evaluations
from icr.workflow.judges import Judges
from icr.workflow.lidr import LidrFiles
from icr.workflow.policies import Policies

ANSWERING = ("samples", "translations", "greedy", "greedy-translations", "nlp")
"""Folders of benchmark files in whose jobs a policy answers."""


class Reporting:
    """Answers, text files and GPUs."""

    def __init__(
        self,
        policies: Policies,
        blocks: Blocks,
        lidr: LidrFiles,
        judges: Judges,
        evaluations: Evaluations,
    ) -> None:
        self.config, self.paths, self.policies = policies.config, policies.paths, policies
        self.blocks, self.lidr, self.judges = blocks, lidr, judges
        self.evaluations = evaluations

    def answers(self) -> dict[tuple[str, str], str]:
        """What the policies of main answered, by policy and language.

        Answers to the questions of X-AlpacaEval; where nothing was judged, samples or LIDR's
        greedy answers, which the last policy did not give.
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
        if self.config.experiments["main"].pairs.method == "lidr":
            return {(s.start, la): self.lidr.greedy(s, la) for s in steps for la in languages}
        return {(s.start, la): self.blocks.samples(s, la)[0] for s in steps for la in languages}

    def judged_signs(self) -> dict[str, str]:
        """Main's policies that are judged in a language of main's, and what they are called."""
        languages = set(self.config.experiments["main"].languages)
        judged = self.evaluations.xalpacaeval.languages
        named = signs(self.policies.lineage("main"))
        return {p: sign for p, sign in named.items() if languages & {*judged.get(p, [])}}

    def pair_summaries(self, policies: Collection[str] | None = None) -> dict[tuple[str, str], str]:
        """Summaries of pairs by policy and language, of all iterations or of these ``policies``."""
        return {
            (policy, language): self.paths.pair_summary.format(policy=policy, language=language)
            for policy, step in self.policies.iterations.items()
            if policies is None or policy in policies
            for language in step.settings.languages
        }

    def trained(self) -> dict[str, str]:
        """What is known of each training, by policy: aligned base models come first."""
        policies = [*self.policies.aligned, *self.policies.trained]
        return {policy: self.paths.training_summary.format(policy=policy) for policy in policies}

    def text_files(self) -> list[str]:
        """The prompts, questions and references that the run stands on."""
        files = {
            self.paths.prompts.format(prompts=row.prompts.set, language=language)
            for row in self.config.experiments.values()
            for language in {"en", *row.languages}
        }
        asked: list[tuple[str, str]] = []
        if section := self.config.evaluation.xalpacaeval:
            languages = self.evaluations.xalpacaeval.languages.values()
            asked = [(section.questions, la) for group in languages for la in group]
        if talks := self.config.evaluation.mtbench:
            asked += [(talks.questions, la) for la in self.evaluations.mtbench_languages]
        for path in (self.paths.questions, self.paths.references):
            files |= {path.format(questions=name, language=la) for name, la in asked}
        return sorted(files)

    def gpus_held(self) -> dict[str, int]:
        """GPUs that a job holds, by the folder of its benchmark file.

        The longest name counts, and what has none ran on CPUs. Some models need several GPUs.
        """
        compute = self.config.compute
        held = dict.fromkeys((*ANSWERING, "logprobs", "natural-rewards", "scores"), compute.gpus)
        held |= {f"pairs/{name}": compute.gpus for name in self.policies.aligned}
        stages = [*(f"{stage}/{{}}" for stage in ANSWERING), "xalpacaeval/{}/samples",
                  "mtbench/{}/answers"]  # fmt: skip
        for policy in [*self.config.models, *self.policies.iterations]:
            if gpus := self.policies.gpus(policy):
                held |= {stage.format(policy): gpus for stage in stages}
        for evaluation in ("xalpacaeval", "mtbench", "reward_accuracy"):
            section: Any = getattr(self.config.evaluation, evaluation)
            if section and self.judges.environment(section.judge) == "sampling":
                held[evaluation.replace("_", "-")] = compute.gpus
        return {**held, "training": compute.training_processes if compute.gpus else 0}
