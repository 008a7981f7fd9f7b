"""Processes that a job starts on its own machine."""

import ctypes
import signal
import socket
import sys


def end_with_parent(sign: int = signal.SIGKILL) -> None:
    """Have the kernel send this process a signal when the one that started it dies.

    Else the processes of a killed job would go on, and write into the folder of the next.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, sign)  # PR_SET_PDEATHSIG


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
