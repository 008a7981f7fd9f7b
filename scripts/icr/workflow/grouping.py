"""The languages and blocks of prompts that one job covers, and the name of its file.

The name states them: ``en-es`` for English and Spanish, ``0000-0003`` for the first four blocks.
Files on disk are used as they are: a language or an experiment that is added later gets jobs only
for what is missing.
"""

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
    """Spans that cover what is needed, each part once.

    ``needed`` holds, by language, how many blocks each reader takes, from the first block on. What
    stands in one span has the same readers, so that none computes or waits for what only others
    read. A span has at most ``size`` blocks, counted in each of its languages. A ``finished`` span
    is used as long as part of it is needed.
    """
    left = {
        (language, block)
        for language, readers in needed.items()
        for block in range(max(readers.values(), default=0))
    }
    kept: list[Span] = []
    for span in finished:
        if span.parts & left and not any(span.parts & other.parts for other in kept):
            kept.append(span)
            left -= span.parts
    together: dict[tuple[frozenset[str], int], list[str]] = {}
    for language, block in sorted(left, key=lambda part: (part[1], [*needed].index(part[0]))):
        readers = frozenset(name for name, count in needed[language].items() if block < count)
        together.setdefault((readers, block), []).append(language)
    by_languages: dict[tuple[frozenset[str], tuple[str, ...]], list[int]] = {}
    for (readers, block), group in together.items():
        by_languages.setdefault((readers, tuple(group)), []).append(block)
    for (_, languages), blocks in by_languages.items():
        kept += _split(languages, blocks, size)
    return kept


def _split(languages: Sequence[str], blocks: Sequence[int], size: int) -> Iterator[Span]:
    """Spans of at most ``size`` blocks: whole runs of blocks first, then as many languages."""
    for run in _runs(blocks):
        width = min(len(run), size)
        many = max(1, size // width)
        for first in range(0, len(languages), many):
            for block in range(run.start, run.stop, width):
                span = range(block, min(block + width, run.stop))
                yield Span(tuple(languages[first : first + many]), span)


def _runs(blocks: Sequence[int]) -> Iterator[range]:
    """Consecutive numbers as ranges."""
    for _, run in groupby(enumerate(blocks), lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        yield range(numbers[0], numbers[-1] + 1)


def finished_spans(path: str) -> list[Span]:
    """The spans of the files on disk; ``path`` ends in ``{languages}/{blocks}`` and a suffix."""
    folder, suffix = path.split("{languages}/{blocks}")
    files = sorted(Path(folder).glob(f"[!.]*/[0-9]*{suffix}"))
    return [Span.named(file.parent.name, file.name.removesuffix(suffix)) for file in files]


def together(path: str, language: str, languages: Sequence[str], size: int | None = None) -> str:
    """The value of ``{languages}`` in ``path`` for the job that answers in ``language``.

    Languages that were once answered together stay so. Of the others ``size`` share a job, or all.
    """
    folder, suffix = path.split("{languages}")
    files = sorted(Path(folder).glob(f"[!.]*{suffix}"))
    finished = [Span.named(file.name.removesuffix(suffix), "0000") for file in files]
    possible = [span for span in finished if set(span.languages) <= set(languages)]
    needed = {la: {"": 1} for la in languages}
    for span in spans(needed, size or len(languages), possible):
        if language in span.languages:
            return span.names["languages"]
    raise ValueError(f"{language} is none of {', '.join(languages)}")
