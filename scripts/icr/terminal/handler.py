"""The log handler that shows a run: a live line on a terminal, whole lines elsewhere."""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from typing import TextIO

from icr.storage.logs import SHOWN
from icr.terminal.events import Events
from icr.terminal.lines import bar, status

SNAKEMAKE_HANDLER = "DefaultStreamHandler"
"""The name of the handler by which Snakemake writes to the terminal."""
CLEAR = "\r\x1b[2K"


class TerminalHandler(logging.Handler):
    """Shows progress and failures on ``stream``.

    A terminal has one line that is rewritten, each second and at each event. Elsewhere the line is
    written whole, at most every ten seconds, and less often as the run gets longer.
    """

    def __init__(
        self,
        stream: TextIO,
        stages: Mapping[str, str],
        dry_run: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self.stream, self.clock = stream, clock
        self.events = Events(stages, dry_run, clock())
        self.live = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.last = clock()
        self.ended = threading.Event()
        if self.live and not dry_run:
            threading.Thread(target=self._tick, daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record. logging calls this under the handler's lock."""
        try:
            lines = self.events.lines(record, self.clock())
            if lines:
                self._write("".join(f"{line}\n" for line in lines))
            self._show_status()
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Remove the live line."""
        if not self.ended.is_set():
            self.ended.set()
            self._write("")
        super().close()

    def _write(self, text: str) -> None:
        self.stream.write(CLEAR + text if self.live else text)
        self.stream.flush()

    def _show_status(self) -> None:
        run, now = self.events.run, self.clock()
        if self.events.interrupted or not run.running or self.ended.is_set():
            return
        if self.live:
            head = bar(run.done, run.total) + "  "
            width = shutil.get_terminal_size().columns - len(head) - 1
            self._write(head + status(run, now, self.events.stages, max(20, width)))
        elif now - self.last >= max(10, (now - run.started) / 60):
            self.last = now
            self._write(status(run, now, self.events.stages) + "\n")

    def _tick(self) -> None:
        while not self.ended.wait(1):
            with self.lock or threading.RLock():
                self._show_status()


def show_run(logger: logging.Logger, stages: Mapping[str, str], dry_run: bool) -> None:
    """Replace Snakemake's terminal handler, where there is one."""
    for handler in list(logger.handlers):
        if handler.name == SNAKEMAKE_HANDLER and isinstance(handler, logging.StreamHandler):
            logger.removeHandler(handler)
            logger.addHandler(TerminalHandler(handler.stream, stages, dry_run))
            os.environ[SHOWN] = "1"
