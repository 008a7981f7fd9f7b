"""The languages and blocks of prompts that one job covers, and the name of its file.

The name states them: ``en-es`` for English and Spanish, ``0000-0003`` for the first four blocks.
Files on disk are used as they are: a language or an experiment that is added later gets jobs only
for what is missing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
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
    needed: Mapping[str, Collection[int]], size: int, finished: Iterable[Span] = ()
) -> list[Span]:
    """Spans that cover what is needed, each part once.

    ``needed`` holds, by language, the numbers of blocks that experiments read, from the first block
    on. No span crosses one of these numbers, so that a small experiment never waits for a larger
    one. A span has at most ``size`` blocks, counted in each of its languages. A ``finished`` span
    is used as long as part of it is needed.
    """
    left = {(la, block) for la, counts in needed.items() for block in range(max(counts, default=0))}
    kept: list[Span] = []
    for span in finished:
        if span.parts & left and not any(span.parts & other.parts for other in kept):
            kept.append(span)
            left -= span.parts
    bounds = sorted({0, *(count for counts in needed.values() for count in counts)})
    segments = [range(*ends) for ends in pairwise(bounds)]
    return kept + [span for segment in segments for span in _split(left, [*needed], segment, size)]


def _split(
    left: Collection[tuple[str, int]], languages: Sequence[str], segment: range, size: int
) -> Iterator[Span]:
    """Spans of what is left in a segment; languages with the same blocks left share spans."""
    by_blocks: dict[tuple[range, ...], list[str]] = {}
    for language in languages:
        runs = tuple(_runs([block for block in segment if (language, block) in left]))
        by_blocks.setdefault(runs, []).append(language)
    for runs, together in by_blocks.items():
        for run in runs:
            width = min(len(run), size)
            many = max(1, size // width)
            for first in range(0, len(together), many):
                for block in range(run.start, run.stop, width):
                    blocks = range(block, min(block + width, run.stop))
                    yield Span(tuple(together[first : first + many]), blocks)


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
    needed = {la: [1] for la in languages}
    for span in spans(needed, size or len(languages), possible):
        if language in span.languages:
            return span.names["languages"]
    raise ValueError(f"{language} is none of {', '.join(languages)}")
