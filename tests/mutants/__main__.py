"""``make mutants``: plant every bug in the finished demo, and print the check that catches it."""

import contextlib
import sys
import tempfile
import time
from pathlib import Path

from mutants.bugs import BUGS, Bug
from mutants.check import Trial


def main() -> int:
    """Print a row per bug; returns the number of wrong verdicts: missed bugs, false alarms."""
    wrong, log = [], open("results/demo/logs/mutants.log", "w", encoding="utf-8")  # noqa: SIM115
    with tempfile.TemporaryDirectory() as folder, log:
        trial = Trial(Path(folder))
        print("| bug | caught by | message |\n|---|---|---|")
        for bug in [Bug("none (iteration 1)"), Bug("none (iteration 2)", policy="main-2"), *BUGS]:
            started = time.monotonic()
            with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
                caught, message = trial.caught_by(bug)
            cells = bug.name, caught or "nothing", message.partition(";")[0]
            print(f"| {' | '.join(cells)} |", flush=True)
            print(f"{bug.name}: {time.monotonic() - started:.0f} s", file=log)
            if bool(caught) != (bug in BUGS):
                wrong.append(bug.name)
    print(f"\n{len(BUGS)} bugs; wrong verdicts: {', '.join(wrong) or 'none'}")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
