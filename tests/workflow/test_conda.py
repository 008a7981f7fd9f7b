"""`--sdm conda`: the environment of each rule, and rules that run in theirs."""

import os
import re
import subprocess

import conda
import pytest
from environments import CONDA


@pytest.fixture
def activated(tmp_path, monkeypatch):
    """A stand-in for conda on PATH; returns the file that lists the activated environments."""
    log = conda.install(tmp_path / "conda")
    monkeypatch.setenv("PATH", f"{log.parent}/bin:{os.environ['PATH']}")
    return log


def test_the_paper_creates_every_environment(demo, activated):
    done = demo.snakemake("-n", "--sdm", "conda", profile=False)
    created = set(re.findall(r"Conda environment \S*envs/(\w+)\.yaml will be created", done.stdout))
    assert {"sampling", "training", "report"} <= created <= set(CONDA)


def test_a_figure_runs_in_the_environment_of_the_report(edited, activated):
    """A fresh environment holds the report's pins and nothing else."""
    figures = edited.folder / "results/demo/figures"
    for file in figures.glob("training.*"):
        file.unlink()
    only = ["--allowed-rules", "figure_training", "--", "results/demo/figures/training.pdf"]
    edited.snakemake("--sdm", "conda", *only)
    assert (figures / "training.pdf").stat().st_size > 1000
    (environment,) = set(activated.read_text().split())
    installed = subprocess.run(
        [f"{environment}/bin/python", "-m", "pip", "freeze"], text=True, capture_output=True
    ).stdout
    assert "matplotlib==" in installed and "torch" not in installed
