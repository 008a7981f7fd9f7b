"""The GPUs that a job holds. Without them libraries compute on CPUs, for days and silently."""

import subprocess
import sys

from icr.errors import InputError

DRIVERS = {"12": 525, "13": 580}
"""The oldest NVIDIA driver for each major version of CUDA that PyTorch is built for."""

PROBE = """
import torch
print(torch.version.cuda, flush=True)
torch.cuda.init()
print(torch.cuda.device_count())
"""


def require_gpus(count: int) -> None:
    """Raise InputError, with the cause, unless ``count`` GPUs can be used here.

    They are tried in a process of its own: one that has touched CUDA could not start vLLM.
    """
    if not count:
        return
    tried = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    cuda, usable = [*tried.stdout.split(), "0", "0"][:2]
    if int(usable) >= count:
        return
    reason = (tried.stderr.strip().splitlines() or ["no more are visible"])[-1]
    raise InputError(
        f"this job holds {count} GPUs and can use {usable}: {reason}. {_needed(cuda)} To run "
        "everything on CPUs, set compute.gpus to 0"
    )


def _needed(cuda: str) -> str:
    """What the installed PyTorch needs."""
    if cuda == "None":
        return "The installed PyTorch has no CUDA: install the one for GPUs."
    driver = DRIVERS.get(cuda.split(".")[0])
    needs = f"needs NVIDIA driver {driver} or newer" if driver else "needs a driver as new as it is"
    return f"PyTorch for CUDA {cuda} {needs}; `nvidia-smi` on the node shows which it has."
