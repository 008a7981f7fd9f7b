"""Starts of Snakemake from servers that have imported it, which saves a third of each start.

Only other packages are shared: the project's own modules are read from the copy that runs. Two
servers differ in the order of sets: one answers dry runs, so that a plan that depends on this order
differs from the run.
"""

import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock

IMPORTED = ("snakemake.cli", "snakemake_executor_plugin_slurm", "pandas", "pydantic", "requests")
_starting = Lock()


def snakemake(arguments, folder, environment):
    """Run ``python -m snakemake`` in a folder; returns the finished process, its output as text."""
    with _starting:
        scratch, server = _server("1" if "-n" in arguments else "2")
    with tempfile.NamedTemporaryFile() as output, socket.socket(socket.AF_UNIX) as connection:
        request = [arguments, str(folder), environment, output.name]
        connection.connect(f"{scratch.name}/socket")
        connection.sendall(json.dumps(request).encode())
        connection.shutdown(socket.SHUT_WR)
        code = connection.makefile().read()
        text = Path(output.name).read_text(encoding="utf-8", errors="replace")
    assert code, f"no reply from the server, whose exit status is {server.poll()}: {text}"
    return subprocess.CompletedProcess(arguments, int(code), text)


@cache
def _server(seed):
    """A server, which ends with this process, and the folder of its socket."""
    scratch = tempfile.TemporaryDirectory()
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    server = subprocess.Popen(
        [sys.executable, "-P", __file__], cwd=scratch.name, env={**own, "PYTHONHASHSEED": seed},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout.readline() == b"ready\n"
    return scratch, server


def serve():
    """Answer requests until the input ends. Each gets a process that starts Snakemake and waits."""
    for name in IMPORTED:
        import_module(name)
    gc.freeze()  # a child shares the memory of what it does not touch
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        listener.listen()
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for these processes
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                answer(connection)
                os._exit(0)
            connection.close()


def answer(connection):
    """Start Snakemake as requested, and reply with its exit code."""
    request = json.loads(connection.makefile().read())
    child = os.fork()
    if child == 0:
        connection.close()
        start(*request)
    connection.sendall(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


def start(arguments, folder, environment, output):
    """Become the process that the command would have started."""
    from snakemake.cli import main

    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    file = os.open(output, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    own = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.path[:0] = [folder, *own]
    sys.argv = ["snakemake", *arguments]
    assert "icr" not in sys.modules
    sys.exit(main())


if __name__ == "__main__":
    serve()
