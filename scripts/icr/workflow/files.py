"""Files of the method: prompts, samples, log-probabilities, pairs."""

from icr.config.experiments import Experiment
from icr.workflow.iterations import Iteration, Iterations


class Files(Iterations):
    """Paths of what an iteration reads and makes, block by block."""

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
        if row.reward.tokens == "authors":
            view = f"{view}-authors-{row.prompts.count}"
        return [
            f"{self.results}/logprobs/{view}/{policy}/{scorer}/"
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
        """The languages whose answers LIDR translates into this one: English, or the others."""
        others = [la for la in row.languages if la != "en"]
        if language != "en":
            return ["en"]
        return others if row.pairs.lidr.english == "each" else others[-1:]

    def lidr_answers(self, step: Iteration, language: str) -> dict[str, str | list[str]]:
        """The answers that one language's pairs are made of (icr.pairing.lidr.Answers)."""
        row, lidr = step.settings, step.settings.pairs.lidr
        others = self.lidr_sources(row, language)

        def translations(pairs: list[tuple[str, str]]) -> list[str]:
            return [self.greedy_translations(step.start, row, *pair) for pair in pairs]

        both_ways = lidr.failed == "prompt"
        copied = lidr.untranslated and language != "en"
        return {
            "own": self.greedy(step.start, row, language),
            "translated": translations([(other, language) for other in others]),
            "backward": translations([(language, other) for other in others if both_ways]),
            "english": [self.greedy(step.start, row, "en")] if copied else [],
        }

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

    @staticmethod
    def split_view(view: str) -> tuple[str, int | None]:
        """A view's name, and of how many prompts the authors' sums are taken, if they are."""
        name, _, count = view.partition("-authors-")
        return name, int(count) if count else None

    def scored_together(self, view: str, policy: str, prompts: str, language: str) -> list[str]:
        """All blocks of responses that the authors' script would score as one file, if they do."""
        count = self.split_view(view)[1]
        path = self.scored_file(view)
        return [
            path.format(policy=policy, prompts=prompts, language=language, block=block)
            for block in self.blocks(prompts, count or 0)
        ]
