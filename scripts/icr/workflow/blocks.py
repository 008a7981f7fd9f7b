"""The files that an iteration reads, by block: responses, translations, log-probabilities, rewards.

Functions that take an iteration and a language refer to the responses of the policy that the
iteration starts from, to the iteration's prompts in that language.
"""

from icr.config import Config
from icr.scoring.views import VIEWS, kept_as
from icr.workflow.paths import Paths
from icr.workflow.policies import Iteration


class Blocks:
    """Prompts are split into blocks of fixed size, so that nested sets of prompts share samples."""

    def __init__(self, config: Config, paths: Paths) -> None:
        self.config, self.paths = config, paths

    def names(self, prompts: str, count: int) -> list[str]:
        """Names of the blocks that hold the first ``count`` prompts of a set."""
        return [f"{b:04d}" for b in range(-(-count // self.config.prompts[prompts].block))]

    def rows(self, prompts: str, block: str) -> tuple[int, int]:
        """First row and number of rows of a block; the last block of a set may be shorter.

        A block is always whole, even if an experiment needs a part of it, so that experiments
        can share it.
        """
        prompt_set = self.config.prompts[prompts]
        first = int(block) * prompt_set.block
        return first, min(prompt_set.block, prompt_set.size - first)

    def samples(self, step: Iteration, language: str) -> list[str]:
        """The responses."""
        return self._files(self.paths.samples, step, language)

    def translations(self, step: Iteration, language: str) -> list[str]:
        """The translations that are scored instead of the responses, if any."""
        view = step.reward.view
        if view is None or not VIEWS[kept_as(view, language)].translated:
            return []
        return self._files(self.paths.translations, step, language)

    def natural_rewards(self, step: Iteration, language: str) -> list[str]:
        """The responses' rewards from an external reward model, if the experiment uses one."""
        if not step.reward.model:
            return []
        scorer = step.settings.reward.model
        return self._files(self.paths.natural_rewards, step, language, scorer=scorer)

    def logprobs(self, step: Iteration, scorer: str | None, language: str) -> list[str]:
        """The responses' log-probabilities under ``scorer``, if the reward needs them."""
        if scorer is None or step.reward.view is None:
            return []
        row = step.settings
        view = kept_as(step.reward.view, language)
        if row.reward.tokens == "authors":
            view = f"{view}-authors-{row.prompts.count}"
        return self._files(self.paths.logprobs, step, language, view=view, scorer=scorer)

    def pairs(self, step: Iteration) -> list[str]:
        """The pair files that an iteration trains on, one per language."""
        return [
            self.paths.pairs.format(policy=step.policy, language=language)
            for language in step.settings.languages
        ]

    @staticmethod
    def split_view(view: str) -> tuple[str, int | None]:
        """A view's name, and the number of prompts if sums are computed as the authors do."""
        name, _, count = view.partition("-authors-")
        return name, int(count) if count else None

    def condition_language(self, view: str, language: str) -> str:
        """The language of the prompts that a view conditions on."""
        return VIEWS[self.split_view(view)[0]].condition_language(language)

    def scored(self, view: str) -> str:
        """The path with wildcards of what a view scores: samples or their translations."""
        translated = VIEWS[self.split_view(view)[0]].translated
        return self.paths.translations if translated else self.paths.samples

    def scored_together(self, view: str, policy: str, prompts: str, language: str) -> list[str]:
        """All blocks that the authors' script scores as one file; empty for other views."""
        count = self.split_view(view)[1]
        return [
            self.scored(view).format(policy=policy, prompts=prompts, language=language, block=block)
            for block in self.names(prompts, count or 0)
        ]

    def _files(self, path: str, step: Iteration, language: str, **names: str | None) -> list[str]:
        prompts = step.settings.prompts
        return [
            path.format(
                policy=step.start, prompts=prompts.set, language=language, block=block, **names
            )
            for block in self.names(prompts.set, prompts.count)
        ]
