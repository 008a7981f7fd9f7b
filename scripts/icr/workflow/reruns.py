"""Which jobs would run again and why: the plan compared with Snakemake's records."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from icr.errors import InputError

CODE = "code"
"""The parameter that holds the fingerprint of the code."""
LONGEST = 60
"""Maximum length of a printed value, in characters."""


@dataclass
class Job:
    """A planned job. Its parameters are strings, as Snakemake records them."""

    file: str
    """Its first output."""
    rule: str
    stage: str
    """The file under rules/ that holds the rule."""
    runs: bool
    """Whether Snakemake would run it."""
    before: list[str] | None = None
    """Recorded parameters; None if nothing is recorded."""
    now: dict[str, str] = field(default_factory=dict)
    """Names of the current parameters, by printed value."""
    inputs_before: list[str] = field(default_factory=list)
    inputs_now: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)
    """Input files that changed after the job ran."""
    missing: bool = False
    """Whether a required output is missing."""

    @property
    def changed(self) -> bool:
        """Whether code or settings differ from the recorded ones."""
        return self.before is not None and set(self.before) != self.now.keys()


def of_stage(jobs: Iterable[Job], stage: str | None) -> list[Job]:
    """The jobs of a stage (a file under rules/) or of a rule; all jobs if ``stage`` is None.

    Raises InputError if there are none.
    """
    jobs = list(jobs)
    selected = [job for job in jobs if stage in (None, job.stage, job.rule)]
    if stage is not None and not selected:
        known = ", ".join(sorted({job.stage for job in jobs}))
        raise InputError(f"stage={stage}: no such stage or rule in this run; stages: {known}")
    return selected


def explanation(jobs: Sequence[Job], changed_code: Callable[[str, str], list[str]]) -> str:
    """The jobs that would run, by cause, as text for the terminal.

    ``changed_code`` describes what changed between two fingerprints.
    """
    causes = [list(_causes(job, changed_code)) for job in jobs]
    dependent = [job for job, own in zip(jobs, causes, strict=True) if job.runs and not own]
    changed = sum(map(bool, causes))
    if not changed:
        return "Nothing changed: no job would run again."
    lines = [f"{changed + len(dependent)} jobs would run:", *_listed(jobs, causes)]
    if dependent:
        lines += _listed(dependent, [["they depend on the jobs above"]] * len(dependent))
    return "\n".join(lines)


def accepted(jobs: Sequence[Job], changed_code: Callable[[str, str], list[str]]) -> str:
    """The jobs whose results were accepted, by cause, as text for the terminal."""
    if not jobs:
        return "Nothing to accept: no code and no setting changed."
    causes = [differences(job.before or [], job.now, changed_code) for job in jobs]
    head = f"The results of {len(jobs)} jobs now count as made with the current code and settings:"
    return "\n".join([head, *_listed(jobs, causes)])


def _listed(jobs: Sequence[Job], causes: Sequence[Sequence[str]]) -> list[str]:
    """Each cause, followed by its number of jobs of each rule."""
    rules: dict[str, Counter[str]] = {}
    for job, own in zip(jobs, causes, strict=True):
        for cause in own:
            rules.setdefault(cause, Counter())[job.rule] += 1
    return [line for cause, counts in rules.items() for line in (cause, f"    {_counts(counts)}")]


def _causes(job: Job, changed_code: Callable[[str, str], list[str]]) -> Iterable[str]:
    if job.before is None:
        if job.runs and job.missing:
            yield "not made yet"
        return
    if job.missing:
        yield "missing"
    if job.changed:
        yield from differences(job.before, job.now, changed_code)
    if removed := set(job.inputs_before) - set(job.inputs_now):
        yield f"removed input: {_first(removed)}"
    if new := set(job.inputs_now) - set(job.inputs_before):
        yield f"new input: {_first(new)}"
    if job.newer:
        yield f"changed input: {_first(job.newer)}"


def differences(
    before: Collection[str], now: Mapping[str, str], changed_code: Callable[[str, str], list[str]]
) -> list[str]:
    """One line for each difference between recorded and current parameters."""
    removed = [text for text in dict.fromkeys(before) if text not in now]
    lines = []
    for text, name in now.items():
        if text in before:
            continue
        value = _value(text)
        old = _replaced(name, value, removed)
        if old is None:
            lines.append(f"{name}: {_short(value)} is new")
            continue
        removed.remove(old)
        if name == CODE:
            lines += changed_code(str(_value(old)), str(value))
        else:
            lines += _between(name, _value(old), value)
    return lines + [f"removed setting: {_short(_value(text))}" for text in removed]


def _replaced(name: str, value: Any, removed: Sequence[str]) -> str | None:
    """The recorded parameter that this one most likely replaces; names are not recorded."""

    def similarity(text: str) -> float:
        old = _value(text)
        if (name == CODE) != _is_fingerprint(old) or type(old) is not type(value):
            return 0
        if isinstance(value, dict):
            return 1 + len(old.keys() & value.keys())
        return 1

    best = max(removed, key=similarity, default=None)
    return best if best is not None and similarity(best) else None


def _between(name: str, old: Any, new: Any) -> list[str]:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [f"{name}: {_short(old)} → {_short(new)}"]
    lines = []
    for key in dict.fromkeys([*old, *new]):
        if key not in old or key not in new or old[key] != new[key]:
            values = old.get(key, _Default()), new.get(key, _Default())
            lines += _between(f"{name}.{key}", *values)
    return lines


class _Default:
    def __repr__(self) -> str:
        return "default"


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def _is_fingerprint(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{16}", value) is not None


def _short(value: Any) -> str:
    text = str(value) if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _first(paths: Collection[str]) -> str:
    first = min(paths)
    return first if len(paths) == 1 else f"{first} and {len(paths) - 1} more"


def _counts(rules: Counter[str]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in rules.most_common())
