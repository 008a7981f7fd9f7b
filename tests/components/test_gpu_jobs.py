"""A job that holds a GPU, started as Snakemake starts it on a machine without GPUs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_script_that_holds_a_gpu_fails_without_gpus(tmp_path):
    log = tmp_path / "log"
    code = f"""
import runpy
from types import SimpleNamespace as N
snakemake = N(log=[{str(log)!r}], resources=N(gpu=1))
runpy.run_path({str(ROOT / "scripts/sample.py")!r}, {{"snakemake": snakemake}})
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    process = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert process.returncode == 1
    assert "Error: this job holds 1 GPUs and can use 0: " in process.stderr
    assert "this job holds 1 GPUs and can use 0: " in log.read_text()
