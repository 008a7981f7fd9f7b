"""Try every bug on the finished demo, and print what notices it: ``make mutants``."""

import contextlib
import sys
import tempfile
import time
from pathlib import Path

from mutants.bugs import BUGS, Bug
from mutants.check import Trial


def main() -> int:
    """Print a row a bug, and count those that nothing notices."""
    missed, log = [], open("results/demo/logs/mutants.log", "w", encoding="utf-8")  # noqa: SIM115
    with tempfile.TemporaryDirectory() as folder, log:
        trial = Trial(Path(folder))
        print("| bug | caught by | it says |\n|---|---|---|")
        for bug in [Bug("none (iteration 1)"), Bug("none (iteration 2)", policy="main-2"), *BUGS]:
            started = time.monotonic()
            with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
                caught, says = trial.caught_by(bug)
            print(f"| {bug.name} | {caught or 'nothing'} | {says.partition(';')[0]} |", flush=True)
            print(f"{bug.name}: {time.monotonic() - started:.0f} s", file=log)
            if bool(caught) != (bug in BUGS):
                missed.append(bug.name)
    print(f"\n{len(BUGS)} bugs; wrong verdicts: {', '.join(missed) or 'none'}")
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())
