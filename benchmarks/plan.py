"""The paper-scale plan: seconds to build its DAG, and how much work the experiments share."""

import re
import subprocess
import sys
import time
from pathlib import Path

import yaml

from icr.config import load_config
from icr.dag import Dag

ROOT = Path(__file__).resolve().parents[1]


def dry_run(folder):
    """Jobs by rule, and seconds, of a bare dry run in an empty folder."""
    config = ROOT / "config/config.yaml"
    command = ["snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", folder]
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", *command, "--configfile", str(config), "-n", "--quiet", "rules"],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - start
    return {k: int(v) for k, v in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.M)}, seconds


def alone(dag):
    """Sampling and scoring jobs if every experiment were run by itself."""
    samples = logprobs = 0
    for name, row in dag.config.experiments.items():
        for t in range(1, row.iterations + 1):
            step = dag.iterations[dag.policy(name, t)]
            for language in row.languages:
                samples += len(dag.samples(step.start, row, language))
                logprobs += 2 * len(dag.logprobs(step.start, step.start, row, language))
    return samples, logprobs


def main():
    """Print both."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        jobs, seconds = dry_run(folder)
    raw = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    samples, logprobs = alone(Dag(load_config(raw)))
    print(
        f"dry run of the paper's configuration: {jobs['total']} jobs in {seconds:.1f} s (wanted: 5)"
    )
    print(f"  sampling jobs {jobs['sample']}, {samples} if no experiment shared")
    print(f"  scoring jobs  {jobs['logprobs']}, {logprobs} if no experiment shared")


if __name__ == "__main__":
    main()
