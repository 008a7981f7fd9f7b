"""A lock that allows one Snakemake process per run, and cancels the jobs of a killed process.

Snakemake's own lock outlives a killed process and must be removed by hand, and the jobs of the
killed process continue beside their successors. So each process holds a lock that the kernel
releases when it ends, and records the name that the SLURM executor gives to all of its jobs. The
holder of the lock knows that the processes recorded before it are dead, and cancels their jobs.
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
"""Files that stay open, and therefore locked, until this process ends."""


def begin(record: str | Path, name: str, patience: float = 120.0) -> list[str]:
    """Lock ``record``, cancel the jobs of the processes recorded in it, and record ``name``.

    Waits up to ``patience`` seconds for the cancelled jobs to end. Returns their ids.

    Raises InputError if another process holds the lock, on any machine that shares the file
    system, or if SLURM does not answer.
    """
    record = Path(record)
    record.parent.mkdir(parents=True, exist_ok=True)
    file = record.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(
            f"{record}: this run is already in progress here; wait for it, or stop it"
        ) from None
    except OSError:
        _warn(f"{record}: the file system has no locks; jobs of a killed process are not cancelled")
        return []
    _held.append(file)
    file.seek(0)
    dead_names = [json.loads(line)["name"] for line in file]
    cancelled = [job for dead_name in dead_names for job in _jobs(dead_name)]
    if cancelled:
        _warn(f"cancelling the jobs of a killed process: {' '.join(cancelled)}")
        subprocess.run(["scancel", *cancelled], check=False)
        end = time.monotonic() + patience
        while any(map(_jobs, dead_names)) and time.monotonic() < end:
            time.sleep(1)
    names = [*filter(_jobs, dead_names), name]
    file.truncate(0)
    file.writelines(json.dumps({"name": name}) + "\n" for name in names)
    file.flush()
    return cancelled


def _jobs(name: str) -> list[str]:
    """Ids of the pending, running and completing jobs with a name."""
    command = ["squeue", "--noheader", "--format=%i", f"--name={name}"]
    squeue = subprocess.run(command, capture_output=True, text=True, check=False)
    if squeue.returncode:
        raise InputError(f"squeue cannot list the jobs named {name}: {squeue.stderr.strip()}")
    return squeue.stdout.split()


def _warn(text: str) -> None:
    print(text, file=sys.stderr)
