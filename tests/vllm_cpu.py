"""vLLM's CPU build in its own environment, in which tests run a program."""

import os
import subprocess
from pathlib import Path

from checkout import ROOT

PYTHON = Path(os.environ.get("ICR_VLLM_PYTHON", ROOT / ".venv-vllm/bin/python"))
MISSING = f"no vLLM environment at {PYTHON}: `make env-vllm` makes it"


def run_program(program, *arguments):
    """Run a Python program with the library; returns the completed process with its output."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "scripts"),
        "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_NUM_OF_RESERVED_CPU": "0",
        "HF_HUB_OFFLINE": "1",
    }
    environment.pop("OMP_NUM_THREADS", None)
    command = [PYTHON, "-c", program, *map(str, arguments)]
    return subprocess.run(command, env=environment, text=True, capture_output=True)
