"""The languages and blocks of prompts that one job covers, and the name of its file.

The name states them: ``en-es`` for English and Spanish, ``0000-0003`` for the first four blocks.
Files on disk are used as they are: a language or an experiment that is added later gets jobs only
for what is missing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path


def languages_of(languages: str) -> list[str]:
    """The languages of a job: ``en-es`` stands for English and Spanish."""
    return languages.split("-")


def blocks_of(blocks: str) -> range:
    """The blocks of a job: ``0002`` is one, ``0000-0003`` are four."""
    first, _, last = blocks.partition("-")
    return range(int(first), int(last or first) + 1)


@dataclass(frozen=True)
class Span:
    """Consecutive blocks of prompts, each in all of some languages: what one job makes."""

    languages: tuple[str, ...]
    blocks: range

    @classmethod
    def named(cls, languages: str, blocks: str) -> "Span":
        """The span of a file, from ``{languages}`` and ``{blocks}`` in its path."""
        return cls(tuple(languages_of(languages)), blocks_of(blocks))

    @property
    def names(self) -> dict[str, str]:
        """``{languages}`` and ``{blocks}`` in the path of its file."""
        first, last = self.blocks[0], self.blocks[-1]
        blocks = f"{first:04d}" if first == last else f"{first:04d}-{last:04d}"
        return {"languages": "-".join(self.languages), "blocks": blocks}

    @property
    def parts(self) -> set[tuple[str, int]]:
        """Every pair of its languages and blocks."""
        return {(language, block) for language in self.languages for block in self.blocks}


def spans(
    needed: Mapping[str, Mapping[str, int]], size: int, finished: Iterable[Span] = ()
) -> list[Span]:
    """Spans that cover what is needed, and all finished ones, each part once.

    ``needed`` holds, by language, how many blocks each reader takes, from the first block on. The
    parts of a span have the same readers, so that none computes or waits for parts that only others
    read. A span has at most ``size`` blocks, counted in each of its languages. Parts of
    ``finished`` spans are read from these; of what is planned without them, spans that are left
    whole stay as they are, so that a run that stopped continues with the same jobs.
    """
    planned = _planned(needed, size)
    needed_parts = {part for span in planned for part in span.parts}
    kept: list[Span] = []
    for span in sorted(finished, key=lambda span: not span.parts & needed_parts):
        if not any(span.parts & other.parts for other in kept):
            kept.append(span)
    kept_parts = {part for span in kept for part in span.parts}
    for span in planned:
        if not span.parts & kept_parts:
            kept.append(span)
            continue
        by_languages: dict[tuple[str, ...], list[int]] = {}
        for block in span.blocks:
            left = tuple(la for la in span.languages if (la, block) not in kept_parts)
            by_languages.setdefault(left, []).append(block)
        kept += [
            Span(languages, run)
            for languages, blocks in by_languages.items()
            if languages
            for run in _runs(blocks)
        ]
    return kept


def _planned(needed: Mapping[str, Mapping[str, int]], size: int) -> list[Span]:
    """Spans of what is needed: whole runs of blocks first, then as many languages."""
    by_readers: dict[tuple[frozenset[str], tuple[str, ...]], list[int]] = {}
    last = max((count for readers in needed.values() for count in readers.values()), default=0)
    for block in range(last):
        readers_of = {
            language: frozenset(name for name, count in readers.items() if block < count)
            for language, readers in needed.items()
        }
        for readers in dict.fromkeys(readers_of.values()):
            languages = tuple(la for la in needed if readers_of[la] == readers)
            if readers:
                by_readers.setdefault((readers, languages), []).append(block)
    planned = []
    for (_, languages), blocks in by_readers.items():
        for run in _runs(blocks):
            width = min(len(run), size)
            step = max(1, size // width)
            planned += [
                Span(languages[first : first + step], range(block, min(block + width, run.stop)))
                for first in range(0, len(languages), step)
                for block in range(run.start, run.stop, width)
            ]
    return planned


def _runs(blocks: Sequence[int]) -> Iterator[range]:
    """Consecutive numbers as ranges."""
    for _, run in groupby(enumerate(blocks), lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        yield range(numbers[0], numbers[-1] + 1)


_LANGUAGES, _BLOCKS = re.compile(r"[a-z]{2}(-[a-z]{2})*"), re.compile(r"\d{4}(-\d{4})?")


def finished_spans(path: str) -> list[Span]:
    """The spans of the files on disk; ``path`` ends in ``{languages}/{blocks}`` and a suffix.

    A path without ``{blocks}`` has one block in each file. Files with other names are ignored.
    """
    folder, _, suffix = path.partition("{languages}")
    folder_of_blocks = suffix.startswith("/{blocks}")
    suffix = suffix.removeprefix("/{blocks}")
    finished = []
    for file in sorted(Path(folder).glob(f"*/*{suffix}" if folder_of_blocks else f"*{suffix}")):
        stem = file.name.removesuffix(suffix)
        languages, blocks = (file.parent.name, stem) if folder_of_blocks else (stem, "0000")
        if _LANGUAGES.fullmatch(languages) and _BLOCKS.fullmatch(blocks):
            finished.append(Span.named(languages, blocks))
    return finished


def together(path: str, language: str, languages: Sequence[str], size: int | None = None) -> str:
    """The value of ``{languages}`` in ``path`` for the job that answers in ``language``.

    Languages that were once answered together stay so. Of the others ``size`` share a job, or all.
    """
    finished = [span for span in finished_spans(path) if set(span.languages) <= set(languages)]
    needed = {la: {"": 1} for la in languages}
    for span in spans(needed, size or len(languages), finished):
        if language in span.languages:
            return span.names["languages"]
    raise ValueError(f"{language} is none of {', '.join(languages)}")
