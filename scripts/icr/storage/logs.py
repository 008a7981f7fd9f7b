"""Redirection of a job's output to its log file."""

import gc
import os
import signal
import sys
import warnings
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from icr.errors import InputError
from icr.storage.processes import end_with_submitter

SHOWN = "ICR_TERMINAL"
"""Environment variable of jobs whose failure the terminal shows with its cause (icr.terminal)."""
PASSING = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
"""Warnings about later versions of libraries, whose versions are pinned here."""


def log_to(path: str | Path) -> None:
    """Redirect standard output and error of this process and its children to the file ``path``.

    Redirects the file descriptors, so that compiled libraries and child processes are included.
    Every job calls this first, so it also ties the job's life to that of Snakemake's process, and
    restores the garbage collection that :mod:`icr` suspends during imports.
    """
    end_with_submitter()
    gc.freeze()  # what was imported stays, and later collections need not look at it
    gc.set_threshold(700, 10, 10)
    # Progress bars rewrite their line, which a log file cannot show.
    os.environ["TQDM_DISABLE"] = "1"
    for category in PASSING:
        warnings.simplefilter("ignore", category)
    ignored = ",".join(f"ignore::{category.__name__}" for category in PASSING)
    os.environ.setdefault("PYTHONWARNINGS", ignored)  # of child processes
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    terminal = os.dup(sys.stderr.fileno())
    sys.excepthook = partial(_report, terminal)
    sys.stdout.flush()
    sys.stderr.flush()
    with Path(path).open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())


def to_terminal() -> None:
    """Begin a job that writes to the terminal instead of a log.

    It ends with Snakemake's process, and without a traceback if the user interrupts it.
    """
    end_with_submitter()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def fail(log: str | Path, error: Exception) -> NoReturn:
    """End such a job with an error, in its log and on a terminal that does not show the log."""
    text = f"Error: {error}"
    Path(log).write_text(f"{text}\n", encoding="utf-8")
    raise SystemExit(1 if SHOWN in os.environ else text)


def _report(
    terminal: int,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Write the traceback to the log, and an InputError's message to the terminal too.

    Not to a terminal that shows the end of the log itself.
    """
    sys.__excepthook__(kind, error, trace)
    if issubclass(kind, InputError) and SHOWN not in os.environ:
        os.write(terminal, f"\nError: {error}\n\n".encode())
