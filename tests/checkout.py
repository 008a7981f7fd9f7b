"""A copy of the project, to run Snakemake in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ["Snakefile", "rules", "scripts", "envs", "config", "profiles", "slurm"]


class Checkout:
    """A copy of the project, in which Snakemake is run as a user runs it."""

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
        """A copy with all results, which keep their times."""
        shutil.copytree(self.folder, folder, symlinks=True)
        copy = object.__new__(Checkout)
        copy.folder = folder
        return copy

    def snakemake(self, *arguments, check=True, profile=True):
        """Run Snakemake; returns the finished process with its output as text."""
        command = [sys.executable, "-m", "snakemake"]
        if profile:
            command += ["--profile", "profiles/demo"]
        # Jobs and `why` take the library from here too, also where it was edited.
        library = str(self.folder / "scripts")
        environment = {**os.environ, "PYTHONPATH": library, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [*command, *arguments],
            cwd=self.folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert not check or done.returncode == 0, done.stdout[-5000:]
        return done

    def planned(self, *arguments, profile=True):
        """Outputs of the jobs that a dry run would start, by rule."""
        done = self.snakemake("-n", "--quiet", "host", *arguments, profile=profile)
        jobs, rule = {}, None
        for line in done.stdout.splitlines():
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
