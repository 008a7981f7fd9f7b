"""Progress as whole lines, which read well in a log file."""

import sys
import time


class Progress:
    """Print the progress and remaining time of a job, at most every ``every`` seconds.

    The estimate counts only the pieces that this process computed, not those that it reused.
    """

    def __init__(self, total: int, what: str, every: float = 10.0) -> None:
        self.total, self.what, self.every = total, what, every
        self.done = self.computed = 0
        self.start = self.last = time.monotonic()

    def step(self, reused: bool = False) -> None:
        """Count one finished piece; the last piece always prints a line."""
        self.done += 1
        self.computed += not reused
        now = time.monotonic()
        if self.done < self.total and now - self.last < self.every:
            return
        self.last = now
        elapsed = now - self.start
        remaining = elapsed / max(1, self.computed) * (self.total - self.done)
        print(
            f"{self.what}: {self.done}/{self.total}, {elapsed:.0f} s, about {remaining:.0f} s left",
            file=sys.stderr,
            flush=True,
        )
