"""What the report and the record of a run look at."""

from collections.abc import Collection
from itertools import product
from pathlib import Path
from typing import Any

from icr.config.models import AlignedSource
from icr.workflow.evaluations import Evaluations
from icr.workflow.files import Files

ANSWERING = ("samples", "translations", "greedy", "greedy-translations", "nlp")
"""Folders of benchmark files in whose jobs a policy answers."""


class Reporting(Files, Evaluations):
    """Answers, text files and GPUs."""

    def answers(self, judged: Collection[str]) -> dict[tuple[str, str], str]:
        """What the policies of main answered, by policy and language.

        Answers to the questions of X-AlpacaEval, whose metric files are ``judged``; where nothing
        was judged, samples or LIDR's greedy answers, which the last policy did not give.
        """
        main = self.config.experiments["main"]
        policies = self.lineage("main")[1:]
        if not judged:
            pairs = product(policies[:-1], main.languages)
            if main.pairs.method == "lidr":
                return {(policy, la): self.greedy(policy, main, la) for policy, la in pairs}
            return {(policy, la): self.samples(policy, main, la)[0] for policy, la in pairs}
        folders = {Path(path).parent.parts[-2:]: Path(path).parent for path in judged}
        return {
            (policy, la): str(folders[policy, la] / "outputs.json")
            for policy, la in product(policies, main.languages)
            if (policy, la) in folders
        }

    def text_files(self) -> list[str]:
        """The prompts, questions and references that the run stands on."""
        prompted = {
            self.prompt_file(row.prompts.set, language)
            for row in self.config.experiments.values()
            for language in {"en", *row.languages}
        }
        evaluation = self.config.evaluation
        asked = []
        if evaluation.xalpacaeval:
            languages = self.xalpacaeval_languages().values()
            asked = [(evaluation.xalpacaeval.questions, la) for one in languages for la in one]
        if evaluation.mtbench:
            graded = self.graded_languages(evaluation.mtbench)
            asked += [(evaluation.mtbench.questions, la) for la in graded]
        files = {file(*one) for one in asked for file in (self.question_file, self.reference_file)}
        return sorted(prompted | files)

    def gpus_held(self) -> dict[str, int]:
        """GPUs that a job holds, by the folder of its benchmark file.

        The longest name counts, and what has none ran on CPUs. Some models need several GPUs.
        """
        compute = self.config.compute
        held = dict.fromkeys((*ANSWERING, "logprobs", "natural-rewards", "scores"), compute.gpus)
        models = self.config.models.items()
        aligned = [name for name, one in models if isinstance(one.source, AlignedSource)]
        held |= {f"pairs/{name}": compute.gpus for name in aligned}
        stages = [*(f"{one}/{{}}" for one in ANSWERING), "xalpacaeval/{}/samples",
                  "mtbench/{}/answers"]  # fmt: skip
        for policy in [*self.config.models, *self.iterations]:
            if self.gpus(policy):
                held |= {stage.format(policy): self.gpus(policy) for stage in stages}
        for evaluation in ("xalpacaeval", "mtbench", "reward_accuracy"):
            section: Any = getattr(self.config.evaluation, evaluation)
            if section and self.judge_environment(section.judge) == "sampling":
                held[evaluation.replace("_", "-")] = compute.gpus
        return {**held, "training": compute.training_processes if compute.gpus else 0}
