"""The largest memory of a job: of its processes together, and of its GPUs."""

import os
import subprocess
import threading
from types import TracebackType
from typing import Self

import psutil

PAUSE = 0.5
"""Seconds between looks."""


class PeakMemory:
    """Watches this process, its children and its GPUs, from a thread.

    GPUs are asked through ``nvidia-smi``: a process that has initialised CUDA cannot start vLLM.
    """

    host: float = 0.0
    """Bytes; memory that processes share counts once for each."""
    gpu: float | None = None
    """Bytes of the fullest GPU, whoever uses it; None without one."""
    name: str | None = None
    """Of the GPU."""

    def __init__(self, gpus: int) -> None:
        self.gpus, self._end = gpus, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self._look()
            if self._end.wait(PAUSE):
                return

    def _look(self) -> None:
        this = psutil.Process()
        total = 0
        for process in [this, *this.children(recursive=True)]:
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        self.host = max(self.host, total)
        if self.gpus:
            for name, used in _nvidia_smi():
                self.name, self.gpu = name, max(self.gpu or 0.0, used)


def _nvidia_smi() -> list[tuple[str, float]]:
    """Name and used bytes of each GPU of this job."""
    command = ["nvidia-smi", "--query-gpu=name,memory.used", "--format=csv,noheader,nounits"]
    if visible := os.environ.get("CUDA_VISIBLE_DEVICES"):
        command += ["-i", visible]
    try:
        printed = subprocess.run(command, capture_output=True, text=True, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return []
    rows = [line.rsplit(",", 1) for line in printed.splitlines() if "," in line]
    return [(name.strip(), float(used) * 2**20) for name, used in rows if used.strip().isdigit()]
