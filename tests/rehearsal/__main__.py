"""``make rehearsal``: run a configuration on a CPU, and list what differs from a real run."""

import argparse
import shutil
import sys
import time
from pathlib import Path

from rehearsal.check import problems
from rehearsal.report import describe_differences
from rehearsal.stage import CONFIGS, PARTS, staged
from rehearsal.traps import TRAPS, named
from rehearsal.vllm_part import sampled_by_vllm

COMPLETE = "Every policy is trained, and every table and figure is filled."


def main() -> int:
    """Exit status 0 if all results of the paper were made, or if the trap's error was named."""
    parser = argparse.ArgumentParser(prog="rehearsal", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("results/rehearsal"))
    parser.add_argument("--run", choices=CONFIGS, default="paper", help="what is rehearsed")
    parser.add_argument("--resume", action="store_true", help="keep what is in the folder")
    parser.add_argument(
        "--trap",
        choices=TRAPS,
        help="; ".join(f"{name}: {trap.what}" for name, trap in TRAPS.items()),
    )
    parser.usage = "%(prog)s [options] [arguments of Snakemake; default: everything]"
    options, arguments = parser.parse_known_args()
    folder = options.folder.resolve()
    if not options.resume:
        for part in PARTS:  # the folder may hold other things
            shutil.rmtree(folder / part, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if options.trap:
        return run_into(options.trap, folder)
    return rehearse(folder, options.run, arguments)


def rehearse(folder: Path, run: str, arguments: list[str]) -> int:
    """Run all targets, then the paper's part on vLLM, then check the results."""
    begin = time.monotonic()
    with staged(folder, run=run) as stage:
        status = stage.snakemake(*arguments)
    minutes = (time.monotonic() - begin) / 60
    print(f"\nSnakemake ended with status {status} after {minutes:.1f} minutes")
    if status or arguments:
        return status
    missing = problems(stage.checkout.folder, run)
    if run == "paper":
        missing += sampled_by_vllm(stage.checkout.folder)
    print("\n".join(["", *describe_differences(stage.changes, run)]))
    print("\n".join(["", *(missing or [COMPLETE])]))
    return int(bool(missing))


def run_into(name: str, folder: Path) -> int:
    """Run into a trap; returns 0 if the run failed and named the cause."""
    trap, log = TRAPS[name], folder / "snakemake.log"
    with staged(folder, frozenset({name})) as stage:
        status = stage.snakemake("--", trap.target, log=log)
    output = log.read_text(encoding="utf-8")
    if status == 0:
        print(f"The run succeeded although {trap.what}.")
        return 1
    if not named(stage.checkout.folder, output, trap):
        print(f"{output[-3000:]}\n\nThe run failed without naming the cause: {trap.what}.")
        return 1
    print(f"The run failed, as expected, and named the cause: {trap.what}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
