"""Which languages and blocks of prompts one job covers, and how its file is named.

The name says it: ``en-es`` are English and Spanish, ``0000-0003`` the first four blocks. What once
was made together stays together, as the files on disk say, so that a language or an experiment that
is added runs jobs of its own and repeats none.
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
class Job:
    """All of some consecutive blocks of prompts, in some languages."""

    languages: tuple[str, ...]
    blocks: range

    @classmethod
    def named(cls, languages: str, blocks: str) -> "Job":
        """The job whose file has these two names."""
        return cls(tuple(languages_of(languages)), blocks_of(blocks))

    @property
    def names(self) -> dict[str, str]:
        """What stands for ``{languages}`` and ``{blocks}`` in the path of its file."""
        first, last = self.blocks[0], self.blocks[-1]
        blocks = f"{first:04d}" if first == last else f"{first:04d}-{last:04d}"
        return {"languages": "-".join(self.languages), "blocks": blocks}

    @property
    def parts(self) -> set[tuple[str, int]]:
        """Its languages and blocks, each with each."""
        return {(language, block) for language in self.languages for block in self.blocks}


def jobs(
    needed: Mapping[str, Collection[int]], size: int, finished: Iterable[Job] = ()
) -> list[Job]:
    """Jobs that cover what is needed, each part once.

    ``needed`` holds, by language, how many blocks each experiment reads from the first on. A job
    reads across none of these numbers, so that a smaller experiment waits for no larger one; it
    has at most ``size`` blocks, counted in each of its languages. ``finished`` jobs stay as they
    are while some part of them is needed.
    """
    left = {(la, block) for la, counts in needed.items() for block in range(max(counts, default=0))}
    kept: list[Job] = []
    for job in finished:
        if job.parts & left and not any(job.parts & other.parts for other in kept):
            kept.append(job)
            left -= job.parts
    bounds = sorted({0, *(count for counts in needed.values() for count in counts)})
    segments = [range(*ends) for ends in pairwise(bounds)]
    return kept + [job for segment in segments for job in _split(left, [*needed], segment, size)]


def _split(
    left: Collection[tuple[str, int]], languages: Sequence[str], segment: range, size: int
) -> Iterator[Job]:
    """Jobs for what is left of a segment: languages with the same blocks left share jobs."""
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
                    yield Job(tuple(together[first : first + many]), blocks)


def _runs(blocks: Sequence[int]) -> Iterator[range]:
    """Consecutive numbers as ranges."""
    for _, run in groupby(enumerate(blocks), lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        yield range(numbers[0], numbers[-1] + 1)


def finished_jobs(path: str) -> list[Job]:
    """The jobs whose files are there: ``path`` ends in ``{languages}/{blocks}`` and a suffix."""
    folder, suffix = path.split("{languages}/{blocks}")
    files = sorted(Path(folder).glob(f"[!.]*/[0-9]*{suffix}"))
    return [Job.named(file.parent.name, file.name.removesuffix(suffix)) for file in files]


def together(path: str, language: str, languages: Sequence[str], size: int | None = None) -> str:
    """The value of ``{languages}`` in ``path`` for the job that answers in ``language``.

    Languages that were once answered together stay so. Of the others ``size`` share a job, or all.
    """
    folder, suffix = path.split("{languages}")
    files = sorted(Path(folder).glob(f"[!.]*{suffix}"))
    finished = [Job.named(file.name.removesuffix(suffix), "0000") for file in files]
    possible = [job for job in finished if set(job.languages) <= set(languages)]
    needed = {la: [1] for la in languages}
    for job in jobs(needed, size or len(languages), possible):
        if language in job.languages:
            return job.names["languages"]
    raise ValueError(f"{language} is none of {', '.join(languages)}")
