"""What an iteration reads, block by block: responses, translations, log-probabilities, rewards.

Where a function takes an iteration and a language, the responses are those of the policy that the
iteration starts from, to its prompts in that language.
"""

from icr.config import Config
from icr.scoring.views import VIEWS, kept_as
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
        view = step.reward.view
        if view is None or not VIEWS[kept_as(view, language)].translated:
            return []
        return self._filled(self.paths.translations, step, language)

    def natural_rewards(self, step: Iteration, language: str) -> list[str]:
        """The rewards that an external model gives to the responses, if one does."""
        if not step.reward.model:
            return []
        scorer = step.settings.reward.model
        return self._filled(self.paths.natural_rewards, step, language, scorer=scorer)

    def logprobs(self, step: Iteration, scorer: str | None, language: str) -> list[str]:
        """The log-probabilities that ``scorer`` gives to the responses, where it is needed."""
        if scorer is None or step.reward.view is None:
            return []
        row = step.settings
        view = kept_as(step.reward.view, language)
        if row.reward.tokens == "authors":
            view = f"{view}-authors-{row.prompts.count}"
        return self._filled(self.paths.logprobs, step, language, view=view, scorer=scorer)

    def arithmetic(self, step: Iteration, language: str) -> list[str]:
        """In which arithmetic an iteration's responses are scored, where that is measured."""
        if step.reward.view is not None:
            view = kept_as(step.reward.view, language)
            return self.decision(view, step.start, step.settings.prompts.set, language)
        if step.reward.model:
            scorer = str(step.settings.reward.model)
            return self.natural_decision(scorer, step.start, step.settings.prompts.set, language)
        return []

    def decision(self, view: str, policy: str, prompts: str, language: str) -> list[str]:
        """In which arithmetic a policy and its references score its responses under a view.

        The decision belongs to the policy: its own scores are shared by the rewards against
        several references, and both models of a reward use the same arithmetic. Which tokens are
        summed makes no difference to it.
        """
        if self.config.scoring.precision != "auto":
            return []
        names = {"policy": policy, "prompts": prompts, "language": language}
        return [self.paths.arithmetic.format(view=self.split_view(view)[0], **names)]

    def natural_decision(self, scorer: str, policy: str, prompts: str, language: str) -> list[str]:
        """The same for an external reward model's rewards of a policy's responses."""
        if self.config.scoring.precision != "auto":
            return []
        names = {"policy": policy, "prompts": prompts, "language": language}
        return [self.paths.natural_arithmetic.format(scorer=scorer, **names)]

    def pairs(self, step: Iteration) -> list[str]:
        """The pair files that an iteration trains on, one a language."""
        return [
            self.paths.pairs.format(policy=step.policy, language=language)
            for language in step.settings.languages
        ]

    @staticmethod
    def split_view(view: str) -> tuple[str, int | None]:
        """A view's name, and of how many prompts the authors' sums are taken, if they are."""
        name, _, count = view.partition("-authors-")
        return name, int(count) if count else None

    def condition_language(self, view: str, language: str) -> str:
        """The language of the prompts that a view's scorers condition on."""
        return VIEWS[self.split_view(view)[0]].condition_language(language)

    def scored(self, view: str) -> str:
        """The responses that a view scores: the samples, or their translations. With wildcards."""
        translated = VIEWS[self.split_view(view)[0]].translated
        return self.paths.translations if translated else self.paths.samples

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
