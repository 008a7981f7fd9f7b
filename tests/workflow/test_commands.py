"""The commands of the README and the pages, typed by a user in a copy of the finished demo."""

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from documented import classes, commands, files, pages

CLASSES = classes()
ASKED = argparse.ArgumentParser()
ASKED.add_argument("--profile")
ASKED.add_argument("--configfile", nargs="+")
ASKED.add_argument("-n", action="store_true")
ASKED.add_argument("targets", nargs="*")


def on_first_page(kind):
    """Pages with the commands of this kind that no earlier page has."""
    seen = set()
    for page in pages():
        new = [line for line in commands(page) if line in CLASSES[kind] and line not in seen]
        seen.update(new)
        if new:
            yield pytest.param(page, new, id=page)


def dry_runs(lines):
    """One dry run for all commands with the same profile and configuration."""
    targets = {}
    for line in lines:
        asked = ASKED.parse_args(shlex.split(line)[1:])
        options = f"--profile {asked.profile}" if asked.profile else ""
        if asked.configfile:
            options += f" --configfile {' '.join(asked.configfile)}"
        targets.setdefault(options, []).extend(asked.targets or ["all"])
    return [f"snakemake {options} -n -- {' '.join(names)}" for options, names in targets.items()]


@pytest.fixture
def typed(edited):
    """Runs a command in the copy, with the environment activated and nothing else."""

    def run(page, line):
        for name, text in files(page).items():
            path = edited.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        environment["P"] = "results/paper"
        done = subprocess.run(
            ["bash", "-c", line], cwd=edited.folder, env=environment,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout[-5000:]}"

    return run


@pytest.mark.parametrize(("page", "lines"), on_first_page("run"))
def test_the_commands_of_a_page_run(typed, page, lines):
    for line in lines:
        typed(page, line)


@pytest.mark.parametrize(("page", "lines"), on_first_page("dry run"))
def test_what_a_page_asks_for_can_be_planned(typed, page, lines):
    for line in dry_runs(lines):
        typed(page, line)
