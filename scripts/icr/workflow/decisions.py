"""The files that decide in which arithmetic responses are scored, if ``precision`` is ``auto``.

A file holds the decisions of one job, often for several languages.
"""

from collections.abc import Iterable
from functools import cached_property

from icr.config import Config
from icr.scoring.views import kept_as
from icr.workflow.grouping import spans
from icr.workflow.iteration import Iteration
from icr.workflow.open_paths import spans_on_disk, split_view
from icr.workflow.paths import Paths
from icr.workflow.policies import Policies


class Decisions:
    """Files of decisions; none are made if the configuration names the arithmetic."""

    def __init__(self, config: Config, paths: Paths, policies: Policies) -> None:
        self.config, self.paths, self.policies = config, paths, policies
        self._files_of: dict[str, dict[str, str]] = {}

    def of_step(self, step: Iteration, language: str) -> list[str]:
        """The decision on the arithmetic of an iteration's scores in a language."""
        path = self._path(step, language)
        return self._files(path, step.settings.prompts.set, [language]) if path else []

    def of_view(self, view: str, policy: str, prompts: str, languages: Iterable[str]) -> list[str]:
        """The decisions on the arithmetic of a policy's responses under a view.

        A decision belongs to the policy: rewards against several references share its own scores,
        and both models of a reward use the same arithmetic. It does not depend on which tokens are
        summed.
        """
        name, _ = split_view(view)
        path = self.paths.arithmetic.format(
            view=name, policy=policy, prompts=prompts, languages="{languages}"
        )
        return self._files(path, prompts, languages)

    def of_reward_model(
        self, scorer: str, policy: str, prompts: str, languages: Iterable[str]
    ) -> list[str]:
        """The decisions on the arithmetic of an external model's rewards of these responses."""
        path = self.paths.natural_arithmetic.format(
            scorer=scorer, policy=policy, prompts=prompts, languages="{languages}"
        )
        return self._files(path, prompts, languages)

    def _path(self, step: Iteration, language: str) -> str | None:
        """The path of an iteration's decisions with ``{languages}`` left open."""
        names = {"policy": step.sampler, "prompts": step.settings.prompts.set}
        if step.reward.view is not None:
            view = kept_as(step.reward.view, language)
            return self.paths.arithmetic.format(view=view, languages="{languages}", **names)
        if step.reward.model:
            scorer = step.settings.reward.model_of(language)
            return self.paths.natural_arithmetic.format(
                scorer=scorer, languages="{languages}", **names
            )
        return None

    def _files(self, path: str, prompts: str, languages: Iterable[str]) -> list[str]:
        if self.config.scoring.precision != "auto":
            return []
        files = self._by_language(path, prompts)
        return list(dict.fromkeys(files.get(la, path.format(languages=la)) for la in languages))

    def _by_language(self, path: str, prompts: str) -> dict[str, str]:
        """The files of a path by language; read from disk once, so none changes."""
        if path not in self._files_of:
            needed = {
                language: dict.fromkeys(readers, 1)
                for language, readers in self._readers.get(path, {}).items()
            }
            finished = spans_on_disk(path, self.config.prompts[prompts])
            self._files_of[path] = {
                language: path.format(languages=span.names["languages"])
                for span in spans(needed, len(needed), finished)
                for language in span.languages
            }
        return self._files_of[path]

    @cached_property
    def _readers(self) -> dict[str, dict[str, set[str]]]:
        """The policies whose pairs read a decision, by its path and language."""
        readers: dict[str, dict[str, set[str]]] = {}
        for step in self.policies.iterations.values():
            for language in step.settings.languages if step.pairing.rewarded else []:
                if path := self._path(step, language):
                    readers.setdefault(path, {}).setdefault(language, set()).add(step.policy)
        return readers
