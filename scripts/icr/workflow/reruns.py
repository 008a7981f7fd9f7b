"""Which jobs would run again, and why: what Snakemake recorded of them against what is now."""

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from icr.errors import InputError

CODE = "code"
"""The parameter that holds the fingerprint of the code."""
LONGEST = 60
"""Characters of a value that are shown."""


def show(log: str | Path, script: str, **asked: Any) -> None:
    """Have ``script`` build the plan in a process of its own; print what it says, and keep it.

    Raises InputError if it finds no plan; it has told why.
    """
    command = [sys.executable, script, json.dumps(asked)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise InputError("no plan could be made; the message above says why")
    Path(log).write_text(done.stdout, encoding="utf-8")
    print(done.stdout)


@dataclass
class Job:
    """A job of the plan. Its parameters are as Snakemake records them: printed."""

    file: str
    """Its first output."""
    rule: str
    stage: str
    """The file under rules/ that holds the rule."""
    runs: bool
    """Whether Snakemake would run it."""
    before: list[str] | None = None
    """Recorded parameters; None where nothing is recorded."""
    now: dict[str, str] = field(default_factory=dict)
    """Names of the parameters by how they are printed now."""
    inputs_before: list[str] = field(default_factory=list)
    inputs_now: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)
    """Input files that changed since."""
    missing: bool = False
    """Whether it lacks an output that is wanted."""

    @property
    def changed(self) -> bool:
        """Whether code or settings are others than those that are recorded."""
        return self.before is not None and set(self.before) != self.now.keys()


def of_stage(jobs: Iterable[Job], stage: str | None) -> list[Job]:
    """The jobs of a stage (a file under rules/) or of a rule, or all.

    Raises InputError if no job is of that name.
    """
    jobs = list(jobs)
    chosen = [job for job in jobs if stage in (None, job.stage, job.rule)]
    if stage is not None and not chosen:
        known = ", ".join(sorted({job.stage for job in jobs}))
        raise InputError(f"stage={stage}: no such stage or rule in this run; stages: {known}")
    return chosen


def explanation(jobs: Sequence[Job], changed_code: Callable[[str, str], list[str]]) -> str:
    """The jobs that would run, by cause, for the terminal.

    ``changed_code`` says in words what changed between two fingerprints.
    """
    causes = [list(_causes(job, changed_code)) for job in jobs]
    following = [job for job, why in zip(jobs, causes, strict=True) if job.runs and not why]
    caused = sum(map(bool, causes))
    if not caused:
        return "Nothing changed: no job would run again."
    lines = [f"{caused + len(following)} jobs would run:", *_listed(jobs, causes)]
    if following:
        lines += _listed(following, [["they use what the jobs above make"]] * len(following))
    return "\n".join(lines)


def accepted(jobs: Sequence[Job], changed_code: Callable[[str, str], list[str]]) -> str:
    """What was accepted, for the terminal."""
    if not jobs:
        return "Nothing to accept: no code and no setting changed."
    causes = [differences(job.before or [], job.now, changed_code) for job in jobs]
    head = f"The results of {len(jobs)} jobs count as made with the code and settings of now:"
    return "\n".join([head, *_listed(jobs, causes)])


def _listed(jobs: Sequence[Job], causes: Sequence[Sequence[str]]) -> list[str]:
    """Each cause, and below it how many jobs of each rule have it."""
    rules: dict[str, Counter[str]] = {}
    for job, why in zip(jobs, causes, strict=True):
        for cause in why:
            rules.setdefault(cause, Counter())[job.rule] += 1
    return [line for cause, counted in rules.items() for line in (cause, f"    {_counts(counted)}")]


def _causes(job: Job, changed_code: Callable[[str, str], list[str]]) -> Iterable[str]:
    if job.before is None:
        if job.runs and job.missing:
            yield "not made yet"
        return
    if job.missing:
        yield "missing"
    if job.changed:
        yield from differences(job.before, job.now, changed_code)
    if gone := set(job.inputs_before) - set(job.inputs_now):
        yield f"no longer read: {_first(gone)}"
    if new := set(job.inputs_now) - set(job.inputs_before):
        yield f"read now: {_first(new)}"
    if job.newer:
        yield f"changed: {_first(job.newer)}"


def differences(
    before: Collection[str], now: Mapping[str, str], changed_code: Callable[[str, str], list[str]]
) -> list[str]:
    """What differs between recorded parameters and those of now, each in words."""
    gone = [text for text in dict.fromkeys(before) if text not in now]
    lines = []
    for text, name in now.items():
        if text in before:
            continue
        value = _value(text)
        old = _partner(name, value, gone)
        if old is None:
            lines.append(f"{name}: {_short(value)} is new")
            continue
        gone.remove(old)
        if name == CODE:
            lines += changed_code(str(_value(old)), str(value))
        else:
            lines += _between(name, _value(old), value)
    return lines + [f"a setting is gone: {_short(_value(text))}" for text in gone]


def _partner(name: str, value: Any, gone: Sequence[str]) -> str | None:
    """The recorded parameter that this one most likely replaced; names are not recorded."""

    def likeness(text: str) -> float:
        old = _value(text)
        if (name == CODE) != _is_fingerprint(old) or type(old) is not type(value):
            return 0
        if isinstance(value, dict):
            return 1 + len(old.keys() & value.keys())
        return 1

    best = max(gone, key=likeness, default=None)
    return best if best is not None and likeness(best) else None


def _between(name: str, old: Any, new: Any) -> list[str]:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return [f"{name}: {_short(old)} → {_short(new)}"]
    lines = []
    for key in dict.fromkeys([*old, *new]):
        if key not in old or key not in new or old[key] != new[key]:
            values = [each.get(key, _Default()) for each in (old, new)]
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


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in counted.most_common())
