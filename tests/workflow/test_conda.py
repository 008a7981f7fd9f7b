"""`--sdm conda`: which environment each rule gets, and rules that run in their own."""

import os
import re
import subprocess

import conda
import pytest
from environments import CONDA


@pytest.fixture
def activated(tmp_path, monkeypatch):
    """The stand-in on PATH; returns the file with the environments that were activated."""
    log = conda.install(tmp_path / "conda")
    monkeypatch.setenv("PATH", f"{log.parent}/bin:{os.environ['PATH']}")
    return log


def test_every_environment_of_the_paper_is_found(demo, activated):
    done = demo.snakemake("-n", "--sdm", "conda", profile=False)
    created = set(re.findall(r"Conda environment \S*envs/(\w+)\.yaml will be created", done.stdout))
    assert {"sampling", "training", "report"} <= created <= set(CONDA)


def test_figures_in_the_environment_that_is_theirs_alone(edited, activated):
    """Made again in a fresh environment with the report's pins and nothing else."""
    figures = edited.folder / "results/demo/figures"
    for file in figures.glob("training.*"):
        file.unlink()
    only = ["--allowed-rules", "figure_training", "--", "results/demo/figures/training.pdf"]
    edited.snakemake("--sdm", "conda", *only)
    assert (figures / "training.pdf").stat().st_size > 1000
    (environment,) = set(activated.read_text().split())
    frozen = subprocess.run(
        [f"{environment}/bin/python", "-m", "pip", "freeze"], text=True, capture_output=True
    ).stdout
    assert "matplotlib==" in frozen and "torch" not in frozen
