"""Time to build the DAG of the paper's configuration, and the work that experiments share."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from icr.cluster import plan
from icr.config import load_config
from icr.workflow.study import Study

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / "config/config.yaml"
SHARED = ("sample", "self_translate", "logprobs", "natural_rewards", "hidden_states", "greedy",
          "greedy_translate", "train")  # fmt: skip


def dry_run(folder, *targets):
    """Output of ``snakemake -n`` for targets in a folder, and its duration in seconds."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "snakemake", "-n", "--nolock", "--directory", folder]
    command += ["--quiet", "host"]  # Snakemake's own listing
    command += ["--snakefile", str(ROOT / "Snakefile"), "--configfile", str(CONFIG)]
    done = subprocess.run([*command, "--", *targets], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr, time.perf_counter() - start


def work(*targets):
    """Jobs by rule, and GPU-hours, of targets for which nothing exists yet."""
    with tempfile.TemporaryDirectory() as folder:
        rows = plan.read(dry_run(folder, *targets)[0])
    jobs = {rule: rows[rule].jobs for rule in SHARED if rule in rows}
    return jobs, sum(rows[rule].gpu_hours for rule in jobs)


def final_files(study, name):
    """An experiment's trained policies or, if it trains none, its pairs."""
    row = study.config.experiments[name]
    policies, blocks = study.policies, study.blocks
    trained = [policies.of(name, t) for t in range(1, row.iterations + 1)]
    if row.train:
        return [policies.folder(policy) for policy in trained]
    return [path for policy in trained for path in blocks.pairs(policies.iterations[policy])]


def main():
    """Print the time of dry runs, and the jobs with and without sharing.

    From the second start on, the fingerprints of the code are not computed again.
    """
    for target in ("policies", "all"):
        with tempfile.TemporaryDirectory() as folder:
            starts = [dry_run(folder, target) for _ in range(3)]
        jobs = sum(row.jobs for row in plan.read(starts[0][0]).values())
        first, *later = (seconds for _, seconds in starts)
        print(
            f"dry run of the paper's configuration, {target}: {jobs} jobs in {first:.1f} s, "
            f"again in {', '.join(f'{seconds / first:.2f}' for seconds in later)} of that"
        )
    study = Study(load_config(yaml.safe_load(CONFIG.read_text(encoding="utf-8"))))
    targets = {name: final_files(study, name) for name in study.config.experiments}
    alone = [work(*files) for files in targets.values()]
    together = work(*(file for files in targets.values() for file in files))
    for rule in SHARED:
        separate = sum(jobs.get(rule, 0) for jobs, _ in alone)
        print(f"  {rule}: {together[0][rule]} jobs, {separate} if each experiment ran separately")
    hours = sum(hours for _, hours in alone)
    print(f"  GPU-hours (estimated): {together[1]:.0f}, {hours:.0f} if run separately")


if __name__ == "__main__":
    main()
