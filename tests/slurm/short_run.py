"""A short run for the cluster: its checkout, configuration and results."""

import json
import os
import shutil
import subprocess
import sys
import time

import yaml
from checkout import ROOT, Checkout

COMMAND = [sys.executable, "-m", "snakemake", "--profile", "slurm"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


class Site(Checkout):
    """A checkout on the cluster, with the profile edited as by a user."""

    def __init__(self, folder):
        super().__init__(folder)
        self.edit("slurm/config.yaml", "    # slurm_partition: gpu\n", "    slurm_partition: gpu\n")
        # The cluster's GPUs are only files, so jobs that hold them compute on CPUs.
        self.edit("scripts/icr/models/gpus.py", "    if not count:\n", "    if True:\n")
        # There is no conda here, and tests cannot wait as long.
        self.edit("slurm/config.yaml", "software-deployment-method: conda", "# no conda")
        self.edit("slurm/config.yaml", "status-checks: 20", "status-checks: 3")
        self.edit("slurm/config.yaml", "latency-wait: 120", "latency-wait: 20")

    def start(self, *arguments, name="mini.yaml"):
        """Start `snakemake --profile slurm` and return the process; its output goes to a file."""
        with (self.folder / "output.log").open("a") as log:
            command = [*COMMAND, *arguments, "--configfile", name]
            # Jobs import the library from this checkout, which was edited.
            environment = {**ENVIRONMENT, "PYTHONPATH": str(self.folder / "scripts")}
            return subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log
            )

    def run(self, *arguments, check=True, **options):
        """Run Snakemake to its end."""
        assert self.ended(self.start(*arguments, **options)) or not check, self.output()

    def watched(self, cluster, *targets, **options):
        """Run Snakemake to its end; returns the queue's jobs at each second."""
        run, seen = self.start(*targets, **options), []
        while run.poll() is None:
            seen.append(cluster.jobs(self.folder))
            time.sleep(1)
        assert run.returncode == 0, self.output()
        return seen

    def wait_for_output(self, run, text, seconds=300):
        """Wait until a run has written a text."""
        end = time.monotonic() + seconds
        while text not in self.output():
            assert run.poll() is None and time.monotonic() < end, self.output()
            time.sleep(0.5)

    def ended(self, run, seconds=900):
        """Wait for a run to end; returns whether it succeeded."""
        try:
            return run.wait(seconds) == 0
        finally:
            run.kill()

    def output(self, everything=False):
        """The output of all runs, or the end of it."""
        text = (self.folder / "output.log").read_text(errors="replace")
        return text if everything else text[-6000:]

    def copy(self, folder, leave_out=()):
        """A copy of the checkout with all results except those that match ``leave_out``."""
        shutil.copytree(self.folder, folder, symlinks=True)
        for pattern in leave_out:
            for path in sorted(folder.glob(pattern)):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        copy = object.__new__(type(self))
        copy.folder = folder
        return copy


def miniature(folder):
    """Write a short demo: 12 facts, 8 prompts, 2 languages, 1 iteration, on fake GPUs.

    There are no evaluations: only what SLURM does to jobs is tested.
    """
    config = yaml.safe_load((ROOT / "config/demo.yaml").read_text())
    facts = yaml.safe_load((ROOT / "config/miniature/facts.yaml").read_text())
    facts["facts"] = dict(list(facts["facts"].items())[:12])
    (folder / "facts.yaml").write_text(yaml.safe_dump(facts, allow_unicode=True))
    small = {"miniature": "facts.yaml", "hidden_size": 32, "layers": 1}
    config["run"] = "mini"
    config["models"] = {
        "reference": {"source": {**small, "examples": 1000}},
        "start": {"source": {**small, "examples": 2000}},
    }
    config["prompts"]["miniature"] |= {
        "size": 36,
        "block": 8,
        "languages": ["en", "es"],
        "source": {"miniature": "facts.yaml"},
    }
    config["compute"] |= {"gpus": 1, "blocks_per_job": 1}
    main = config["experiments"]["main"]
    main |= {"start": "start", "reference": "reference", "iterations": 1, "languages": ["en", "es"]}
    main["prompts"]["count"] = 8
    main["pairs"] = {"identical": "keep"}  # so small a model repeats itself ten times
    main["training"] |= {"global_batch": 4, "micro_batch": 4}
    config["experiments"] = {"main": main}
    for section in ("judges", "questions", "evaluation"):
        config.pop(section, None)
    (folder / "mini.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))


SPANISH = [
    "results/mini/samples/start/miniature/es/0000.parquet",
    "results/mini/logprobs/*/start/*/miniature/es/0000.parquet",
    "results/mini/pairs/main-1/es.*",
]
"""Results of one language in the short run, from responses to pairs, made by four jobs."""
TIMES = ("logs/", "benchmarks/", "figures/costs", "provenance.json", "report.html")
"""Results that contain dates or durations."""


def content(folder):
    """Every computed file of a run by its path, without dates, durations and counts of resumes.

    Hidden files, which would be unfinished work, are included; an undisturbed run has none.
    """
    files = {}
    for path in sorted((folder / "results/mini").rglob("*")):
        name = str(path.relative_to(folder / "results/mini"))
        if path.is_dir() or name.startswith(TIMES):
            continue
        files[name] = path.read_bytes()
        if name.startswith("training/") and path.suffix == ".json":
            summary = json.loads(files[name])
            files[name] = {k: v for k, v in summary.items() if k not in ("seconds", "resumed")}
    return files
