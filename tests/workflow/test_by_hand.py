"""The script of one job, run by hand with Snakemake's inputs, and outputs outside the run."""

import os
import subprocess
import sys

import pytest
from checkout import Checkout

PROMPTS = "resources/prompts/miniature/es.jsonl"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return Checkout(tmp_path_factory.mktemp("by-hand") / "checkout")


def by_hand(checkout, *arguments, typed=""):
    """Run ``scripts/by_hand.py``; returns the finished process, with its output as text."""
    command = [sys.executable, "scripts/by_hand.py", *arguments]
    environment = {**os.environ, "PYTHONPATH": "scripts", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*command, "--configfile", "config/demo.yaml"],
        cwd=checkout.folder,
        env=environment,
        input=typed,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_a_job_runs_under_a_debugger_without_changing_the_run(checkout, tmp_path):
    checkout.snakemake(PROMPTS)
    result = checkout.folder / PROMPTS
    content = result.read_bytes()
    result.write_text("of the run")
    script = checkout.folder / "scripts/miniature_prompts.py"
    script.write_text(script.read_text(encoding="utf-8") + "\nbreakpoint()\n", encoding="utf-8")
    typed = "print(snakemake.rule, snakemake.wildcards.language)\ncontinue\n"
    done = by_hand(checkout, PROMPTS, "--out", str(tmp_path), typed=typed)
    assert done.returncode == 0, done.stdout
    assert "miniature_prompts es" in done.stdout and str(tmp_path / PROMPTS) in done.stdout
    assert (tmp_path / PROMPTS).read_bytes() == content and result.read_text() == "of the run"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["results/demo/pairs/main-1/es.parquet"], "inputs are missing"),
        (["results/paper/pairs/main-1/es.parquet"], "is --configfile that of its run?"),
        ([PROMPTS, "--out", "."], "is the folder of the run"),
    ],
)
def test_what_cannot_be_run_by_hand_is_named(checkout, arguments, message):
    done = by_hand(checkout, *arguments)
    assert done.returncode == 1 and message in done.stdout and "Traceback" not in done.stdout
