"""A copy of the checkout beside its mirrors, ready to run a configuration in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import forked
import yaml
from checkout import ROOT, Checkout
from loopback import listening

from rehearsal.datasets import add_benchmarks, add_length_table
from rehearsal.files import add_repositories
from rehearsal.hub import add_hub
from rehearsal.judges import KEY, judges
from rehearsal.overlay import differences, rehearsed

CONFIGS = {"paper": "config/config.yaml", "one-gpu": "config/one-gpu.yaml"}
"""The configurations that can be rehearsed, by run."""
PARTS = ("checkout", "hub", "repositories")
"""Subfolders of a rehearsal's folder."""
TABLE = "config/upstream-files.tsv"
PROFILE = (
    "--rerun-triggers", "mtime", "input", "params", "--quiet", "rules", "--rerun-incomplete",
    "--cores", "2",
)  # fmt: skip


@dataclass
class Stage:
    """A prepared rehearsal."""

    checkout: Checkout
    run: str
    changes: list[tuple[str, str]]
    """Settings that differ from the configuration's own: kind, and what became of them."""
    environment: dict[str, str]

    def snakemake(self, *arguments: str, log: Path | None = None) -> int:
        """Run Snakemake on the copy's own configuration; returns its exit status.

        What it prints goes to the terminal, or, once it has ended, to ``log``; Snakemake then forks
        from a server (forked.py). The paper's configuration is the default, and named nowhere.
        """
        named = [] if self.run == "paper" else ["--configfile", CONFIGS[self.run]]
        command, folder = [*named, *PROFILE, *arguments], self.checkout.folder
        if log:
            finished = forked.snakemake(command, folder, self.environment)
            log.write_text(finished.stdout, encoding="utf-8")
            return finished.returncode
        start = [sys.executable, "-m", "snakemake", *command]
        return subprocess.run(start, cwd=folder, env=self.environment).returncode


@contextmanager
def staged(
    folder: Path, traps: frozenset[str] = frozenset(), run: str = "paper"
) -> Iterator[Stage]:
    """Make mirrors and a copy of the checkout in ``folder``, and serve what is asked for by HTTP.

    Repositories are served by HTTP, as on the network; the hub is a folder, as on an offline
    cluster.
    """
    config = yaml.safe_load((ROOT / CONFIGS[run]).read_text(encoding="utf-8"))
    copy, hub, repositories = (folder / part for part in PARTS)
    checkout = Checkout(copy)
    if not hub.exists():
        add_hub(hub, fetched_models(config), traps)
        add_benchmarks(hub)
    length_table = add_length_table(hub, config["evaluation"]["xalpacaeval"]["length_table"])
    with listening(partial(Files, directory=str(repositories))) as github, judges(config) as api:
        changed = rehearsed(config, github, str(hub), api, length_table)
        if "old-driver" in traps:
            changed["compute"]["gpus"] = config["compute"]["gpus"]
        shutil.copyfile(ROOT / TABLE, checkout.folder / TABLE)
        add_repositories(repositories, checkout.folder / TABLE, changed)
        text = yaml.safe_dump(changed, sort_keys=False, allow_unicode=True)
        (checkout.folder / CONFIGS[run]).write_text(text, encoding="utf-8")
        environment = {**os.environ, "OPENAI_API_KEY": "" if "no-key" in traps else KEY}
        environment |= {"OMP_NUM_THREADS": "1"}
        yield Stage(checkout, run, differences(config, changed), environment)


def fetched_models(config: dict) -> dict[str, str]:
    """Folder, in the hub folder, of each model that experiments or evaluations name."""
    evaluation = config["evaluation"].values()
    named = {policy for section in evaluation for policy in section.get("extra_policies", [])}
    for row in config["experiments"].values():
        named |= {row.get("start"), row.get("reference"), row.get("reward", {}).get("model")}
    sources = {name: model["source"] for name, model in config["models"].items() if name in named}
    return {
        name: "@".join([source["hub"], *([source["revision"]] if "revision" in source else [])])
        for name, source in sources.items()
    }


class Files(SimpleHTTPRequestHandler):
    """Serves a folder without log messages."""

    def log_message(self, *_: object) -> None:
        """Discard the message."""
