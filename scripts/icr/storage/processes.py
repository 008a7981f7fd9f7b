"""Child processes of a job, and their ports."""

import ctypes
import signal
import socket
import sys


def end_with_parent(sign: int = signal.SIGKILL) -> None:
    """Have the kernel send this process a signal when its parent dies.

    Otherwise the children of a killed job would go on writing into the folder of its successor.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, sign)  # PR_SET_PDEATHSIG


def free_port() -> int:
    """A free port on the loopback interface."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
