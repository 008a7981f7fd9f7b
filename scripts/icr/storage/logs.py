"""Sending a job's output to its log."""

import os
import sys
from functools import partial
from pathlib import Path
from types import TracebackType

from icr.errors import InputError


def log_to(path: str | Path) -> None:
    """Send this process's standard output and error, and its children's, to the file ``path``.

    Works on the file descriptors, so that compiled libraries and launched processes are caught.
    """
    # Bars rewrite their line, which a log file cannot; progress is printed in whole lines.
    os.environ["TQDM_DISABLE"] = "1"
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    terminal = os.dup(sys.stderr.fileno())
    sys.excepthook = partial(_tell, terminal)
    sys.stdout.flush()
    sys.stderr.flush()
    with Path(path).open("a", encoding="utf-8") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())


def _tell(
    terminal: int,
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
) -> None:
    """Put the traceback into the log, and a message for the user on the terminal too."""
    sys.__excepthook__(kind, error, trace)
    if issubclass(kind, InputError):
        os.write(terminal, f"\nError: {error}\n\n".encode())
