"""The files that an iteration reads, by block: responses, translations, scores, hidden states.

Where a function takes an iteration and a language, the responses are those of the iteration's
sampler, the policy that it starts from unless its settings name another, to its prompts in that
language. A file holds all that one job made, often
several languages and blocks (:mod:`icr.workflow.grouping`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from icr.config import Config
from icr.errors import InputError
from icr.scoring.views import VIEWS, kept_as
from icr.workflow.grouping import Span, finished_spans, spans
from icr.workflow.paths import Paths
from icr.workflow.policies import Iteration, Policies


class Blocks:
    """Prompts live in blocks of fixed size, so that sets of prompts that nest share samples.

    ``per_job`` says how many blocks of a prompt set one job of a model takes: it gets the kind of
    work (``sampling`` or ``scoring``), the model and the set.
    """

    def __init__(
        self,
        config: Config,
        paths: Paths,
        policies: Policies,
        per_job: Callable[[str, str, str], int],
    ) -> None:
        self.config, self.paths, self.policies = config, paths, policies
        self.per_job = per_job
        self._files_of: dict[str, dict[tuple[str, int], str]] = {}

    def count(self, prompts: str, count: int) -> int:
        """How many blocks hold the first ``count`` prompts of a set."""
        return -(-count // self.config.prompts[prompts].block)

    def rows(self, prompts: str, blocks: range) -> tuple[int, int]:
        """First row and number of rows of some blocks; the last one of a set may be shorter.

        A block is always whole, even if an experiment needs a part of it, so that experiments
        can share it.
        """
        prompt_set = self.config.prompts[prompts]
        first = blocks.start * prompt_set.block
        return first, min(len(blocks) * prompt_set.block, prompt_set.size - first)

    def samples(self, step: Iteration, language: str) -> list[str]:
        """The responses."""
        return self._files(self._samples(step), step, language)

    def translations(self, step: Iteration, language: str) -> list[str]:
        """The translations that are scored in the responses' place, if any."""
        path = self._translations(step, language)
        return self._files(path, step, language) if path else []

    def natural_rewards(self, step: Iteration, language: str) -> list[str]:
        """The rewards that an external model gives to the responses, if one does."""
        path = self._natural_rewards(step, language)
        return self._files(path, step, language) if path else []

    def files(self, step: Iteration) -> list[str]:
        """All files that an iteration's pairs are made of, each once."""
        read = [
            file
            for language in self._languages_read(step)
            for path, _, _ in self._read(step, language)
            for file in self._files(path, step, language)
        ]
        for language in step.settings.languages:
            read += self.arithmetic(step, language)
        return list(dict.fromkeys(read))

    def hidden_states(self, step: Iteration, language: str) -> list[str]:
        """The policy's hidden states of the responses, if the reward reads them."""
        path = self._hidden_states(step)
        return self._files(path, step, language) if path else []

    def english_samples(self, step: Iteration) -> list[str]:
        """The English responses to the same prompts, if the reward reads them."""
        return self.samples(step, "en") if step.reward.english else []

    def english_states(self, step: Iteration) -> list[str]:
        """The policy's hidden states of these, if the reward reads them."""
        return self.hidden_states(step, "en") if step.reward.english else []

    def logprobs(self, step: Iteration, scorer: str | None, language: str) -> list[str]:
        """The log-probabilities that ``scorer`` gives to the responses, where it is needed."""
        path = self._logprobs(step, scorer, language)
        return self._files(path, step, language) if path else []

    def arithmetic(self, step: Iteration, language: str) -> list[str]:
        """The decision on the arithmetic of an iteration's scores, if one is made."""
        prompts = step.settings.prompts.set
        if step.reward.view is not None:
            view = kept_as(step.reward.view, language)
            return self.decisions(view, step.sampler, prompts, [language])
        if step.reward.model:
            scorer = str(step.settings.reward.model_of(language))
            return self.natural_decisions(scorer, step.sampler, prompts, [language])
        return []

    def decisions(
        self, view: str, policy: str, prompts: str, languages: Iterable[str]
    ) -> list[str]:
        """The files that decide in which arithmetic a policy's responses are scored under a view.

        The decision belongs to the policy: rewards against several references share its own
        scores, and both models of a reward use the same arithmetic. The choice of summed tokens
        makes no difference to it.
        """
        names = {"view": self.split_view(view)[0], "policy": policy, "prompts": prompts}
        return self._decisions(self.paths.arithmetic, names, languages)

    def natural_decisions(
        self, scorer: str, policy: str, prompts: str, languages: Iterable[str]
    ) -> list[str]:
        """The same for an external reward model's rewards of a policy's responses."""
        names = {"scorer": scorer, "policy": policy, "prompts": prompts}
        return self._decisions(self.paths.natural_arithmetic, names, languages)

    def _decisions(
        self, path: str, names: Mapping[str, str], languages: Iterable[str]
    ) -> list[str]:
        if self.config.scoring.precision != "auto":
            return []
        path = path.format(languages="{languages}", **names)
        files = self._files_of_decisions(path, names["prompts"])
        return list(dict.fromkeys(files.get(la, path.format(languages=la)) for la in languages))

    def _files_of_decisions(self, path: str, prompts: str) -> dict[str, str]:
        """The files of a decision's path by language; read from disk once."""
        if path not in self._files_of:
            needed = {
                language: dict.fromkeys(readers, 1)
                for language, readers in self._decided.get(path, {}).items()
            }
            self._files_of[path] = {
                (language, 0): path.format(languages=span.names["languages"])
                for span in spans(needed, len(needed), self._finished(path, prompts))
                for language in span.languages
            }
        return {language: file for (language, _), file in self._files_of[path].items()}

    @cached_property
    def _decided(self) -> dict[str, dict[str, set[str]]]:
        """By the path of a decision, its languages, and the iterations that read each."""
        decided: dict[str, dict[str, set[str]]] = {}
        for step in self.policies.iterations.values():
            names = {"policy": step.sampler, "prompts": step.settings.prompts.set}
            for language in step.settings.languages if step.pairing.rewarded else []:
                if step.reward.view is not None:
                    view = kept_as(step.reward.view, language)
                    path = self.paths.arithmetic.format(view=view, languages="{languages}", **names)
                elif step.reward.model:
                    scorer = step.settings.reward.model_of(language)
                    path = self.paths.natural_arithmetic.format(
                        scorer=scorer, languages="{languages}", **names
                    )
                else:
                    continue
                decided.setdefault(path, {}).setdefault(language, set()).add(step.policy)
        return decided

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
        """The files of an iteration in all of its languages, each once."""
        languages = step.settings.languages
        return list(dict.fromkeys(path for la in languages for path in files(step, la)))

    @staticmethod
    def split_view(view: str) -> tuple[str, int | None]:
        """A view's name, and the number of prompts if sums are computed as the authors do."""
        name, _, count = view.partition("-authors-")
        return name, int(count) if count else None

    def condition_language(self, view: str, language: str) -> str:
        """The language of the prompts that a view conditions on."""
        return VIEWS[self.split_view(view)[0]].condition_language(language)

    def conditions(self, view: str, prompts: str, languages: Iterable[str]) -> list[str]:
        """The files of the prompts that a view's scorers condition on, one a language."""
        named = [self.condition_language(view, language) for language in languages]
        return [self.paths.prompts.format(prompts=prompts, language=la) for la in named]

    def sampled(self, policy: str, prompts: str, span: Span) -> list[str]:
        """The files of responses that hold a span."""
        return self._holding(self.paths.samples, policy, prompts, span.parts)

    def scored(self, view: str, policy: str, prompts: str, span: Span) -> list[str]:
        """The files with a span of what a view scores: samples, or their translations.

        For the authors' sums, all files that their script would score as one.
        """
        name, count = self.split_view(view)
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
        files = self._by_part(_filled(path, policy=policy, prompts=prompts))
        for language, block in set(parts) - files.keys():
            raise InputError(
                f"no experiment reads block {block:04d} of the prompts '{prompts}' in "
                f"'{language}', answered by '{policy}'"
            )
        # By block first, so that each language's rows stand in their order.
        in_order = sorted(parts, key=lambda part: part[::-1])
        return list(dict.fromkeys(files[part] for part in in_order))

    def _files(self, path: str, step: Iteration, language: str) -> list[str]:
        """The files of a path that hold an iteration's blocks in a language, in their order."""
        prompts = step.settings.prompts
        files = self._by_part(path)
        blocks = range(self.count(prompts.set, prompts.count))
        return list(dict.fromkeys(files[language, block] for block in blocks))

    def _by_part(self, path: str) -> dict[tuple[str, int], str]:
        """The files of a path by language and block; read once, so that no name changes."""
        if path not in self._files_of:
            needed, size, prompts = self._needed.get(path, ({}, 1, ""))
            # The authors' script makes its batches from the file of one language.
            groups = [{la: needed[la]} for la in needed] if "-authors-" in path else [needed]
            self._files_of[path] = {
                part: path.format(**span.names)
                for group in groups
                for span in spans(group, size, self._finished(path, prompts) if group else ())
                for part in span.parts
            }
        return self._files_of[path]

    def _finished(self, path: str, prompts: str) -> list[Span]:
        """The spans on disk whose prompts the set still has."""
        prompt_set = self.config.prompts[prompts]
        return [
            span
            for span in finished_spans(path)
            if set(span.languages) <= {"en", *prompt_set.languages}
            and span.blocks.stop <= self.count(prompts, prompt_set.size)
        ]

    @cached_property
    def _needed(self) -> dict[str, tuple[dict[str, dict[str, int]], int, str]]:
        """By path: blocks that iterations read, by language; a span's size; the set of prompts."""
        needed: dict[str, tuple[dict[str, dict[str, int]], int, str]] = {}
        for step in self.policies.iterations.values():
            prompts = step.settings.prompts
            count = self.count(prompts.set, prompts.count)
            for language in self._languages_read(step):
                for path, kind, model in self._read(step, language):
                    size = self.per_job(kind, model, prompts.set)
                    counts = needed.setdefault(path, ({}, size, prompts.set))[0]
                    counts.setdefault(language, {})[step.policy] = count
        return needed

    @staticmethod
    def _languages_read(step: Iteration) -> list[str]:
        """The languages whose files an iteration reads; English too, if its reward does."""
        if not step.pairing.rewarded:
            return []
        return [*(["en"] if step.reward.english else []), *step.settings.languages]

    def _read(self, step: Iteration, language: str) -> Iterator[tuple[str, str, str]]:
        """Paths, kinds of work and models of what an iteration reads in a language."""
        yield self._samples(step), "sampling", step.sampler
        if path := self._hidden_states(step):
            yield path, "scoring", step.start
        if step.reward.english and language == "en":
            return  # compared with, but not rewarded
        if path := self._translations(step, language):
            yield path, "sampling", step.sampler
        if path := self._natural_rewards(step, language):
            yield path, "scoring", str(step.settings.reward.model_of(language))
        for scorer in (step.start, step.reference):
            if path := self._logprobs(step, scorer, language):
                yield path, "scoring", str(scorer)

    def _samples(self, step: Iteration) -> str:
        return self._path(self.paths.samples, step)

    def _translations(self, step: Iteration, language: str) -> str | None:
        view = step.reward.view
        if view is None or not VIEWS[kept_as(view, language)].translated:
            return None
        return self._path(self.paths.translations, step)

    def _natural_rewards(self, step: Iteration, language: str) -> str | None:
        if not step.reward.model:
            return None
        scorer = str(step.settings.reward.model_of(language))
        return self._path(self.paths.natural_rewards, step, scorer=scorer)

    def _hidden_states(self, step: Iteration) -> str | None:
        if not step.reward.states:
            return None
        return self._path(self.paths.hidden_states, step, layer=str(step.settings.reward.layer))

    def _logprobs(self, step: Iteration, scorer: str | None, language: str) -> str | None:
        if scorer is None or step.reward.view is None:
            return None
        row = step.settings
        view = kept_as(step.reward.view, language)
        if row.reward.tokens == "authors":
            view = f"{view}-authors-{row.prompts.count}"
        return self._path(self.paths.logprobs, step, view=view, scorer=scorer)

    def _path(self, path: str, step: Iteration, **names: str) -> str:
        prompts = step.settings.prompts.set
        return _filled(path, policy=step.sampler, prompts=prompts, **names)


def _filled(path: str, **names: str) -> str:
    """A path in which only ``{languages}`` and ``{blocks}`` are left open."""
    return path.format(languages="{languages}", blocks="{blocks}", **names)
