"""A job ends with the Snakemake process that started it, also through a shell."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from process_state import ended

SCRIPTS = Path(__file__).parents[2] / "scripts"
JOB = """
import sys, time
from icr.storage.logs import log_to
log_to("job.log")
open("pid", "w").write(str(__import__("os").getpid()))
time.sleep(60)
"""
SUBMITTER = """
import os, subprocess, sys
os.environ["ICR_SUBMITTER"] = str(os.getpid())
subprocess.run([f"{sys.executable} job.py; true"], shell=True)
"""


def wait(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the system has no pidfd")
def test_a_job_ends_when_its_submitter_is_killed(tmp_path):
    (tmp_path / "job.py").write_text(JOB)
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    submitter = subprocess.Popen([sys.executable, "-c", SUBMITTER], cwd=tmp_path, env=environment)
    pid = tmp_path / "pid"
    wait(lambda: pid.exists() and pid.read_text())
    job = Path("/proc", pid.read_text())
    assert job.exists()
    submitter.kill()
    submitter.wait()
    wait(lambda: ended(job))
