"""A job uses the GPUs that it holds and no others.

Without its GPUs, libraries would silently compute on CPUs for days. With GPUs that it does not
hold, a job on a workstation would compete with others for their memory, and its numbers would
depend on the machine.
"""

import os
import subprocess
import sys

from icr.errors import InputError

DRIVERS = {"12": 525, "13": 580}
"""The oldest NVIDIA driver for each major CUDA version of PyTorch."""

PROBE = """
import torch
print(torch.version.cuda, flush=True)
torch.cuda.init()
print(torch.cuda.device_count())
"""


def require_gpus(count: int) -> None:
    """Raise InputError, with the cause, unless ``count`` GPUs are usable; hide all from a job of 0.

    A child process tries them: a process that has initialised CUDA cannot start vLLM.
    """
    if not count:
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        return
    probe = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    cuda, usable = [*probe.stdout.split(), "0", "0"][:2]
    if int(usable) >= count:
        return
    reason = (probe.stderr.strip().splitlines() or ["no more are visible"])[-1]
    raise InputError(
        f"this job holds {count} GPUs and can use {usable}: {reason}. {_needed(cuda)} To run "
        "everything on CPUs, set compute.gpus to 0"
    )


def _needed(cuda: str) -> str:
    """What the installed PyTorch needs to use GPUs."""
    if cuda == "None":
        return "The installed PyTorch has no CUDA: install the version for GPUs."
    driver = DRIVERS.get(cuda.split(".")[0])
    needs = f"NVIDIA driver {driver} or newer" if driver else "an NVIDIA driver as new as itself"
    return f"PyTorch for CUDA {cuda} needs {needs}; `nvidia-smi` on the node shows its driver."
