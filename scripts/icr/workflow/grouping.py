"""Which languages one job answers, and the name of its file: their codes, joined by dashes."""

from collections.abc import Sequence
from pathlib import Path


def languages_of(languages: str) -> list[str]:
    """The languages of a job: ``en-es`` are English and Spanish."""
    return languages.split("-")


def together(path: str, language: str, languages: Sequence[str], size: int | None = None) -> str:
    """The job that answers a language: the name of its languages, ``{languages}`` in ``path``.

    Languages that were once answered together stay so, as the files at ``path`` say, so that a
    language that is added is answered alone. Of the others ``size`` share a job, or all.
    """
    jobs: list[list[str]] = []
    for job in _answered(path):
        answered, taken = languages_of(job), [la for job in jobs for la in job]
        if set(answered) <= set(languages) and set(answered).isdisjoint(taken):
            jobs.append(answered)
    left = [la for la in languages if not any(la in job for job in jobs)]
    size = size or len(languages)
    jobs += [left[i : i + size] for i in range(0, len(left), size)]
    return "-".join(next(job for job in jobs if language in job))


def _answered(path: str) -> list[str]:
    """The names of the jobs whose files are there, in the order of the files."""
    folder, suffix = path.split("{languages}")
    files = sorted(Path(folder).glob(f"[!.]*{suffix}"))
    return [file.name.removesuffix(suffix) for file in files]
