"""Start and stop the judges that a job serves itself, on the loopback interface."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import requests

from icr.errors import InputError
from icr.judging.client import Judge
from icr.judging.settings import JudgeSettings
from icr.storage.answers import Store
from icr.storage.processes import end_with_parent, free_port

STARTING = 1800.0
"""Seconds that a server may take to start; a large model takes minutes to load."""
ENDING = 20.0
"""Seconds that a server may take to stop before it is killed."""


class Oracle(Protocol):
    """A judge that is a program in this process (icr.miniature.judge)."""

    def version(self, facts: str) -> str:
        """The model name of its verdicts, which changes with the program and the facts."""

    def serving(self, facts: str) -> AbstractContextManager[str]:
        """Serve it on the loopback interface; the context's value is the endpoint's URL."""


@contextmanager
def open_judge(
    settings: JudgeSettings, store: str | Path, oracle: Oracle | None = None
) -> Iterator[Judge]:
    """A judge whose answers are kept in ``store``; a server started for it ends with the context.

    ``oracle`` is used if ``settings`` name an oracle's facts. Raises InputError if another process
    has the store open.
    """
    if settings.oracle is not None and oracle is not None:
        settings = replace(settings, model=oracle.version(settings.oracle))
    with ExitStack() as stack, Store(store) as verdicts:
        yield Judge(settings, verdicts, lambda: stack.enter_context(connected(settings, oracle)))


@contextmanager
def connected(settings: JudgeSettings, oracle: Oracle | None = None) -> Iterator[str]:
    """The URL of the judge's endpoint, started here unless it is an API."""
    if settings.oracle is not None and oracle is not None:
        with oracle.serving(settings.oracle) as url:
            yield url
    elif settings.serve is not None:
        with _served(settings.model, settings.serve) as url:
            yield url
    elif settings.api is not None:
        yield settings.api
    else:
        raise InputError(f"judge '{settings.name}' has no 'api', 'serve' or known 'oracle'")


@contextmanager
def _served(model: str, serve: Mapping[str, Any]) -> Iterator[str]:
    """Start a server process, which ends with this process even if this one is killed."""
    port = free_port()
    command, environment = _command(model, serve, port)
    print("starting", " ".join(command), flush=True)
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        # In a process group of its own, so that its workers end with it.
        start_new_session=True,
        preexec_fn=partial(end_with_parent, signal.SIGTERM),
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(process, url)
        yield f"{url}/v1"
    finally:
        _end(process)


def _command(model: str, serve: Mapping[str, Any], port: int) -> tuple[list[str], dict[str, str]]:
    options = [
        text
        for name, value in serve.get("options", {}).items()
        for text in ([f"--{name}"] if value is True else [f"--{name}", str(value)])
    ]
    if serve["backend"] == "vllm":
        module, extra = "vllm.entrypoints.openai.api_server", ["--served-model-name", model]
        environment = {"HF_HUB_OFFLINE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
        # Compiling this sampler needs nvcc, which nodes may lack.
        environment["VLLM_USE_FLASHINFER_SAMPLER"] = "0"
    elif serve["backend"] == "xllamacpp":
        module, extra = "icr.judging.llamacpp", []
        library = str(Path(__file__).resolve().parents[2])
        paths = filter(None, [library, os.environ.get("PYTHONPATH")])
        environment = {"PYTHONPATH": os.pathsep.join(paths)}
    else:
        raise InputError(f"unknown backend '{serve['backend']}'; known: vllm, xllamacpp")
    address = ["--host", "127.0.0.1", "--port", str(port), "--model", str(serve["path"])]
    return [sys.executable, "-m", module, *address, *extra, *options], environment


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    """Wait until the server reports that it is healthy."""
    session = requests.Session()
    session.trust_env = False
    end = time.monotonic() + STARTING
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(
                f"the judge's server exited with status {process.returncode}; its output is above"
            )
        try:
            if session.get(f"{url}/health", timeout=5).status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise RuntimeError(f"the judge's server was not ready after {STARTING:.0f} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(ENDING)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
