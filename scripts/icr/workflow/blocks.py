"""What an iteration reads, block by block: responses, translations, log-probabilities, rewards.

Where a function takes an iteration and a language, the responses are those of the policy that the
iteration starts from, to its prompts in that language.
"""

from icr.config import Config
from icr.workflow.paths import Paths
from icr.workflow.policies import Iteration


class Blocks:
    """Prompts live in blocks of fixed size, so that sets of prompts that nest share samples."""

    def __init__(self, config: Config, paths: Paths) -> None:
        self.config, self.paths = config, paths

    def names(self, prompts: str, count: int) -> list[str]:
        """Names of the blocks that hold the first ``count`` prompts of a set."""
        return [f"{b:04d}" for b in range(-(-count // self.config.prompts[prompts].block))]

    def rows(self, prompts: str, block: str) -> tuple[int, int]:
        """First row and number of rows of a block; the last one of a set may be shorter.

        A block is always whole, whoever asks for it, so that experiments can share it.
        """
        prompt_set = self.config.prompts[prompts]
        first = int(block) * prompt_set.block
        return first, min(prompt_set.block, prompt_set.size - first)

    def samples(self, step: Iteration, language: str) -> list[str]:
        """The responses."""
        return self._filled(self.paths.samples, step, language)

    def translations(self, step: Iteration, language: str) -> list[str]:
        """The translations that are scored in the responses' place, if any."""
        if self.view(step.settings.reward.view, language) != "translated":
            return []
        return self._filled(self.paths.translations, step, language)

    def natural_rewards(self, step: Iteration, language: str) -> list[str]:
        """The rewards that an external model gives to the responses, if one does."""
        reward = step.settings.reward
        if reward.view != "natural":
            return []
        return self._filled(self.paths.natural_rewards, step, language, scorer=reward.model)

    def logprobs(self, step: Iteration, scorer: str | None, language: str) -> list[str]:
        """The log-probabilities that ``scorer`` gives to the responses, where it is needed."""
        if scorer is None or not step.implicit:
            return []
        row = step.settings
        view = self.view(row.reward.view, language)
        if row.reward.tokens == "authors":
            view = f"{view}-authors-{row.prompts.count}"
        return self._filled(self.paths.logprobs, step, language, view=view, scorer=scorer)

    def pairs(self, step: Iteration) -> list[str]:
        """The pair files that an iteration trains on, one a language."""
        return [
            self.paths.pairs.format(policy=step.policy, language=language)
            for language in step.settings.languages
        ]

    @staticmethod
    def view(view: str, language: str) -> str:
        """The view under which a language's scores are kept.

        The English instruction has no prefix (Section 3) and an English response needs no
        translation, so in English all views score the same text given the same text, and the
        scores are kept once, as multilingual.
        """
        return "multilingual" if language == "en" else view

    @staticmethod
    def split_view(view: str) -> tuple[str, int | None]:
        """A view's name, and of how many prompts the authors' sums are taken, if they are."""
        name, _, count = view.partition("-authors-")
        return name, int(count) if count else None

    @staticmethod
    def condition_language(view: str, language: str) -> str:
        """The language of the prompts that a view's scorers condition on."""
        return language if view.startswith("multilingual") else "en"

    def scored(self, view: str) -> str:
        """The responses that a view scores: the samples, or their translations. With wildcards."""
        return self.paths.translations if view.startswith("translated") else self.paths.samples

    def scored_together(self, view: str, policy: str, prompts: str, language: str) -> list[str]:
        """All blocks of responses that the authors' script would score as one file, if they do."""
        count = self.split_view(view)[1]
        return [
            self.scored(view).format(policy=policy, prompts=prompts, language=language, block=block)
            for block in self.names(prompts, count or 0)
        ]

    def _filled(self, path: str, step: Iteration, language: str, **names: str | None) -> list[str]:
        prompts = step.settings.prompts
        return [
            path.format(
                policy=step.start, prompts=prompts.set, language=language, block=block, **names
            )
            for block in self.names(prompts.set, prompts.count)
        ]
