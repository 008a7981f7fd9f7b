"""Groups of languages that share a job; its file is named by their codes, joined by dashes."""

from collections.abc import Sequence
from pathlib import Path


def languages_of(languages: str) -> list[str]:
    """The languages of a job: ``en-es`` stands for English and Spanish."""
    return languages.split("-")


def together(path: str, language: str, languages: Sequence[str], size: int | None = None) -> str:
    """The value of ``{languages}`` in ``path`` for the job that answers in ``language``.

    Languages with a common file at ``path`` stay together, so that an added language is answered
    alone. Of the remaining languages ``size`` share a job, or all if it is None.
    """
    jobs: list[list[str]] = []
    for name in _existing(path):
        answered, assigned = languages_of(name), [la for job in jobs for la in job]
        if set(answered) <= set(languages) and set(answered).isdisjoint(assigned):
            jobs.append(answered)
    left = [la for la in languages if not any(la in job for job in jobs)]
    size = size or len(languages)
    jobs += [left[i : i + size] for i in range(0, len(left), size)]
    return "-".join(next(job for job in jobs if language in job))


def _existing(path: str) -> list[str]:
    """The values of ``{languages}`` for which ``path`` exists, in sorted order."""
    folder, suffix = path.split("{languages}")
    files = sorted(Path(folder).glob(f"[!.]*{suffix}"))
    return [file.name.removesuffix(suffix) for file in files]
