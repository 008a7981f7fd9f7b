"""A copy of the project in which tests run Snakemake."""

import os
import shutil
from pathlib import Path

import forked

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ["Snakefile", "rules", "scripts", "envs", "config", "profiles", "slurm"]


class Checkout:
    """A copy of the project, in which Snakemake runs as it does for a user.

    Its starts share their imports (forked.py), and the miniature's model trains in one thread.
    """

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(exist_ok=True)
        for name in SOURCES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name, dirs_exist_ok=True)
            else:
                shutil.copy(source, folder / name)

    def copied(self, folder):
        """Copy the checkout with all results and their modification times."""
        shutil.copytree(self.folder, folder, symlinks=True)
        copy = object.__new__(Checkout)
        copy.folder = folder
        return copy

    def snakemake(self, *arguments, check=True, profile=True):
        """Run Snakemake and return the finished process with its output as text."""
        command = []
        if profile:
            # Beside other tests, two threads of the largest training mostly wait for each other.
            command = ["--set-threads", "miniature_model=1", "--profile", "profiles/demo"]
        # Jobs and `why` import the library of this copy, which a test may have edited.
        library = str(self.folder / "scripts")
        environment = {**os.environ, "PYTHONPATH": library, "OMP_NUM_THREADS": "1"}
        process = forked.snakemake([*command, *arguments], self.folder, environment)
        assert not check or process.returncode == 0, process.stdout[-5000:]
        return process

    def planned(self, *arguments, profile=True):
        """Outputs of the jobs that a dry run would start, by rule."""
        process = self.snakemake("-n", "--quiet", "host", *arguments, profile=profile)
        jobs, rule = {}, None
        for line in process.stdout.splitlines():
            words = line.split()
            if words[:1] in (["rule"], ["localrule"]):
                rule = words[1].rstrip(":")
                jobs.setdefault(rule, [])
            elif rule and line.strip().startswith("output: "):
                jobs[rule].append(line.strip().removeprefix("output: "))
        jobs.pop("all", None)
        return jobs

    def edit(self, path, old, new):
        """Replace text in a file."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
