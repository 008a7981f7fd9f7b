"""The files that an iteration reads, by block: responses, translations, scores, hidden states.

The responses of an iteration in a language are those of its sampler to its prompts. The sampler is
the policy that it starts from, unless its settings name another. A file holds the results of one
job, often several languages and blocks (:mod:`icr.workflow.grouping`).
"""

from collections.abc import Callable, Iterable
from functools import cached_property

from icr.config import Config
from icr.errors import InputError
from icr.scoring.views import VIEWS
from icr.workflow.decisions import Decisions
from icr.workflow.grouping import Span, spans
from icr.workflow.iteration import Iteration
from icr.workflow.open_paths import OpenPaths, filled, spans_on_disk, split_view
from icr.workflow.paths import Paths
from icr.workflow.policies import Policies


class Blocks:
    """Blocks of a fixed number of prompts, so that experiments with nested prompts share samples.

    ``per_job`` returns the number of blocks of one job, from the kind of work (``sampling`` or
    ``scoring``), the model and the prompt set.
    """

    def __init__(
        self,
        config: Config,
        paths: Paths,
        policies: Policies,
        decisions: Decisions,
        per_job: Callable[[str, str, str], int],
    ) -> None:
        self.config, self.paths, self.policies = config, paths, policies
        self.decisions, self.per_job = decisions, per_job
        self.open = OpenPaths(paths)
        self._files_of: dict[str, dict[tuple[str, int], str]] = {}

    def count(self, prompts: str, count: int) -> int:
        """Number of blocks that hold the first ``count`` prompts of a set."""
        return -(-count // self.config.prompts[prompts].block)

    def rows(self, prompts: str, blocks: range) -> tuple[int, int]:
        """First row and number of rows of some blocks; the last block of a set may be shorter.

        A block is always computed whole, even if an experiment needs a part of it, so that
        experiments can share it.
        """
        prompt_set = self.config.prompts[prompts]
        first = blocks.start * prompt_set.block
        return first, min(len(blocks) * prompt_set.block, prompt_set.size - first)

    def samples(self, step: Iteration, language: str) -> list[str]:
        """The responses in a language."""
        return self._files(self.open.samples(step), step, language)

    def translations(self, step: Iteration, language: str) -> list[str]:
        """The translations that are scored instead of the responses, if any."""
        path = self.open.translations(step, language)
        return self._files(path, step, language) if path else []

    def natural_rewards(self, step: Iteration, language: str) -> list[str]:
        """The rewards that an external model gives to the responses, if one does."""
        path = self.open.natural_rewards(step, language)
        return self._files(path, step, language) if path else []

    def files(self, step: Iteration) -> list[str]:
        """All files that an iteration's pairs are made of, without repetition."""
        read = [
            file
            for language in self.open.languages(step)
            for path, _, _ in self.open.read(step, language)
            for file in self._files(path, step, language)
        ]
        for language in step.settings.languages:
            read += self.decisions.of_step(step, language)
        return list(dict.fromkeys(read))

    def hidden_states(self, step: Iteration, language: str) -> list[str]:
        """The policy's hidden states of the responses, if the reward reads them."""
        path = self.open.hidden_states(step)
        return self._files(path, step, language) if path else []

    def english_samples(self, step: Iteration) -> list[str]:
        """The English responses to the same prompts, if the reward reads them."""
        return self.samples(step, "en") if step.reward.english else []

    def english_states(self, step: Iteration) -> list[str]:
        """The policy's hidden states of these, if the reward reads them."""
        return self.hidden_states(step, "en") if step.reward.english else []

    def logprobs(self, step: Iteration, scorer: str | None, language: str) -> list[str]:
        """The log-probabilities of the responses by ``scorer``, if the reward reads them."""
        path = self.open.logprobs(step, scorer, language)
        return self._files(path, step, language) if path else []

    def pairs(self, step: Iteration) -> list[str]:
        """The pair files that an iteration trains on, one per language."""
        return [
            self.paths.pairs.format(policy=step.policy, language=language)
            for language in step.settings.languages
        ]

    @staticmethod
    def in_all_languages(
        step: Iteration, files: Callable[[Iteration, str], list[str]]
    ) -> list[str]:
        """The files of an iteration in all of its languages, without repetition."""
        languages = step.settings.languages
        return list(dict.fromkeys(path for la in languages for path in files(step, la)))

    def condition_language(self, view: str, language: str) -> str:
        """The language of the prompts that a view conditions on."""
        return VIEWS[split_view(view)[0]].condition_language(language)

    def conditions(self, view: str, prompts: str, languages: Iterable[str]) -> list[str]:
        """The files of the prompts that a view's scorers condition on, one a language."""
        read = [self.condition_language(view, language) for language in languages]
        return [self.paths.prompts.format(prompts=prompts, language=la) for la in read]

    def sampled(self, policy: str, prompts: str, span: Span) -> list[str]:
        """The files of responses that hold a span."""
        return self._holding(self.paths.samples, policy, prompts, span.parts)

    def scored(self, view: str, policy: str, prompts: str, span: Span) -> list[str]:
        """The files with a span of what a view scores: samples, or their translations.

        For the authors' sums, all files that their script would score as one.
        """
        name, count = split_view(view)
        translated = VIEWS[name].translated
        path = self.paths.translations if translated else self.paths.samples
        parts = span.parts
        if count:
            blocks = range(self.count(prompts, count))
            parts |= {(language, block) for language in span.languages for block in blocks}
        return self._holding(path, policy, prompts, parts)

    def _holding(
        self, path: str, policy: str, prompts: str, parts: Iterable[tuple[str, int]]
    ) -> list[str]:
        """The files that hold some parts. Raises InputError for parts that no experiment reads."""
        files = self._by_part(filled(path, policy=policy, prompts=prompts))
        for language, block in set(parts) - files.keys():
            raise InputError(
                f"no experiment reads block {block:04d} of the prompts '{prompts}' in "
                f"'{language}', answered by '{policy}'"
            )
        # By block first, so that the rows of each language keep their order.
        in_order = sorted(parts, key=lambda part: part[::-1])
        return list(dict.fromkeys(files[part] for part in in_order))

    def _files(self, path: str, step: Iteration, language: str) -> list[str]:
        """The files of a path that hold an iteration's blocks in a language, in their order."""
        prompts = step.settings.prompts
        files = self._by_part(path)
        blocks = range(self.count(prompts.set, prompts.count))
        return list(dict.fromkeys(files[language, block] for block in blocks))

    def _by_part(self, path: str) -> dict[tuple[str, int], str]:
        """The files of a path by language and block; read from disk once, so none changes."""
        if path not in self._files_of:
            needed, size, prompts = self._needed.get(path, ({}, 1, ""))
            # The authors' script makes its batches from the file of one language.
            groups = [{la: needed[la]} for la in needed] if "-authors-" in path else [needed]
            finished = spans_on_disk(path, self.config.prompts[prompts]) if needed else []
            self._files_of[path] = {
                part: path.format(**span.names)
                for group in groups
                for span in spans(group, size, finished)
                for part in span.parts
            }
        return self._files_of[path]

    @cached_property
    def _needed(self) -> dict[str, tuple[dict[str, dict[str, int]], int, str]]:
        """By path: number of blocks by language and reader, size of a span, prompt set."""
        needed: dict[str, tuple[dict[str, dict[str, int]], int, str]] = {}
        for step in self.policies.iterations.values():
            prompts = step.settings.prompts
            count = self.count(prompts.set, prompts.count)
            for language in self.open.languages(step):
                for path, kind, model in self.open.read(step, language):
                    size = self.per_job(kind, model, prompts.set)
                    counts = needed.setdefault(path, ({}, size, prompts.set))[0]
                    counts.setdefault(language, {})[step.policy] = count
        return needed
