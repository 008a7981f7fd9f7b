"""Paths of the files that iterations read, with ``{languages}`` and ``{blocks}`` left open.

A file holds the results of one job, often several languages and blocks
(:mod:`icr.workflow.grouping`).
"""

from collections.abc import Iterator

from icr.config.prompts import PromptSet
from icr.scoring.views import VIEWS, kept_as
from icr.workflow.grouping import Span, finished_spans
from icr.workflow.iteration import Iteration
from icr.workflow.paths import Paths


class OpenPaths:
    """The paths of the responses, translations, scores and hidden states that an iteration reads.

    None stands for files that it does not read.
    """

    def __init__(self, paths: Paths) -> None:
        self.paths = paths

    @staticmethod
    def languages(step: Iteration) -> list[str]:
        """The languages whose files an iteration reads; English too, if its reward does."""
        if not step.pairing.rewarded:
            return []
        return [*(["en"] if step.reward.english else []), *step.settings.languages]

    def read(self, step: Iteration, language: str) -> Iterator[tuple[str, str, str]]:
        """Path, kind of work and model of all files that an iteration reads in a language."""
        yield self.samples(step), "sampling", step.sampler
        if path := self.hidden_states(step):
            yield path, "scoring", step.start
        if step.reward.english and language == "en":
            return  # only compared with
        if path := self.translations(step, language):
            yield path, "sampling", step.sampler
        if path := self.natural_rewards(step, language):
            yield path, "scoring", str(step.settings.reward.model_of(language))
        for scorer in (step.start, step.reference):
            if path := self.logprobs(step, scorer, language):
                yield path, "scoring", str(scorer)

    def samples(self, step: Iteration) -> str:
        """The responses of the iteration's sampler."""
        return self._path(self.paths.samples, step)

    def translations(self, step: Iteration, language: str) -> str | None:
        """The translations of these responses, if its reward scores them in a language."""
        view = step.reward.view
        if view is None or not VIEWS[kept_as(view, language)].translated:
            return None
        return self._path(self.paths.translations, step)

    def natural_rewards(self, step: Iteration, language: str) -> str | None:
        """The rewards by the reward model of a language, if there is one."""
        if not step.reward.model:
            return None
        scorer = str(step.settings.reward.model_of(language))
        return self._path(self.paths.natural_rewards, step, scorer=scorer)

    def hidden_states(self, step: Iteration) -> str | None:
        """The hidden states of the responses, if its reward reads them."""
        if not step.reward.states:
            return None
        return self._path(self.paths.hidden_states, step, layer=str(step.settings.reward.layer))

    def logprobs(self, step: Iteration, scorer: str | None, language: str) -> str | None:
        """The log-probabilities by a scorer, if its reward reads them."""
        if scorer is None or step.reward.view is None:
            return None
        row = step.settings
        view = kept_as(step.reward.view, language)
        if row.reward.tokens == "authors":
            view = f"{view}-authors-{row.prompts.count}"
        return self._path(self.paths.logprobs, step, view=view, scorer=scorer)

    def _path(self, path: str, step: Iteration, **names: str) -> str:
        prompts = step.settings.prompts.set
        return filled(path, policy=step.sampler, prompts=prompts, **names)


def filled(path: str, **names: str) -> str:
    """A path in which only ``{languages}`` and ``{blocks}`` are left open."""
    return path.format(languages="{languages}", blocks="{blocks}", **names)


def split_view(view: str) -> tuple[str, int | None]:
    """A view's name, and the number of prompts if sums are computed as the authors do."""
    name, _, count = view.partition("-authors-")
    return name, int(count) if count else None


def spans_on_disk(path: str, prompts: PromptSet) -> list[Span]:
    """The spans of an open path's finished files, as far as the prompt set still has them."""
    blocks = -(-prompts.size // prompts.block)
    return [
        span
        for span in finished_spans(path)
        if set(span.languages) <= {"en", *prompts.languages} and span.blocks.stop <= blocks
    ]
