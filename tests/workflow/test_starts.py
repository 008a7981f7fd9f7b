"""Starts on one machine: one at a time, and nothing to clear up after a killed one."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from checkout import Checkout
from process_state import ended

SLOW = """
include: "Snakefile"

rule slow:
    output:
        "slow.txt",
    shell:
        "{sys.executable} slow.py {output}"
"""
JOB = """
import os, sys, time
from icr.storage.logs import log_to
log_to("slow.log")
open("process", "w").write(str(os.getpid()))
time.sleep(0 if os.path.exists("fast") else 1200)
open(sys.argv[1], "w").close()
"""
COMMAND = ["--snakefile", "slow.smk", "--", "slow.txt"]


def wait(condition, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the system has no pidfd")
def test_a_second_start_waits_for_the_first_to_end_however_it_ends(tmp_path):
    site = Checkout(tmp_path / "checkout")
    (site.folder / "slow.smk").write_text(SLOW)
    (site.folder / "slow.py").write_text(JOB)
    environment = {**os.environ, "PYTHONPATH": str(site.folder / "scripts")}
    first = subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--profile", "profiles/demo", *COMMAND],
        cwd=site.folder, env=environment,
    )  # fmt: skip
    process = site.folder / "process"
    wait(lambda: process.exists() and process.read_text())
    job = Path("/proc", process.read_text())
    second = site.snakemake(*COMMAND, check=False)
    assert second.returncode and f"in progress, by process {first.pid} on" in second.stdout
    assert job.exists()
    first.kill()
    first.wait()
    wait(lambda: ended(job))
    (site.folder / "fast").touch()
    site.snakemake(*COMMAND)
    assert (site.folder / "slow.txt").exists()
