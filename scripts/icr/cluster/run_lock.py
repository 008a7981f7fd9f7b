"""One start of a run at a time on a cluster, and an end to the jobs of a start that was killed.

Snakemake's own lock outlives a killed process and asks for a hand; and the killed start's jobs go
on, beside their successors. So each start holds a lock that the kernel takes away with the process,
and notes the name that the SLURM executor gives to all of its jobs. Who holds the lock knows that
the starts noted before are dead, and cancels what they left in the queue.
"""

import fcntl
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from icr.errors import InputError

_held: list[IO[str]] = []
"""Kept open, and thereby locked, until this process ends."""


def begin(record: str | Path, name: str, patience: float = 120.0) -> list[str]:
    """Lock ``record``, cancel the jobs of the starts noted in it, and note this one's ``name``.

    Waits up to ``patience`` seconds for cancelled jobs to end. Returns their ids.

    Raises InputError if another start is alive, on this machine or another one of the file system,
    or if SLURM does not answer.
    """
    record = Path(record)
    record.parent.mkdir(parents=True, exist_ok=True)
    file = record.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(
            f"{record}: this run was already started here and goes on; wait for it, or stop it"
        ) from None
    except OSError:
        _say(f"{record}: a file system without locks; jobs of an earlier start are left alone")
        return []
    _held.append(file)
    file.seek(0)
    names = [json.loads(line)["name"] for line in file]
    cancelled = [job for old in names for job in _jobs(old)]
    if cancelled:
        _say(f"cancelling the jobs of a start that was killed: {' '.join(cancelled)}")
        subprocess.run(["scancel", *cancelled], check=False)
        end = time.monotonic() + patience
        while any(_jobs(old) for old in names) and time.monotonic() < end:
            time.sleep(1)
    left = [old for old in names if _jobs(old)]
    file.truncate(0)
    file.writelines(json.dumps({"name": one}) + "\n" for one in [*left, name])
    file.flush()
    return cancelled


def _jobs(name: str) -> list[str]:
    """Ids of the waiting, running and ending jobs of a name."""
    asked = ["squeue", "--noheader", "--format=%i", f"--name={name}"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise InputError(f"squeue does not say which jobs are left: {answer.stderr.strip()}")
    return answer.stdout.split()


def _say(text: str) -> None:
    print(text, file=sys.stderr)
