"""Processes that fork from a server which has imported other packages, to start sooner.

A start of Snakemake takes two thirds of its time, a job that uses a model a few tenths of a second
instead of several. Only other packages are shared: the project's own modules are read from the copy
that runs. Plans and runs fork from servers that differ in the order of sets, so that a plan that
depends on this order differs from the run.
"""

import atexit
import gc
import json
import os
import runpy
import select
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock

CLIENT = Path(__file__).with_name("forked_job.py")
SNAKEMAKE = ("snakemake.cli", "snakemake_executor_plugin_slurm", "pandas", "pydantic", "requests")
PACKAGES = {
    "plan": SNAKEMAKE,
    "run": SNAKEMAKE,
    "job": (
        "snakemake.script", "pandas", "pyarrow.parquet", "matplotlib.pyplot", "alpaca_eval.metrics",
        "sklearn.linear_model", "transformers.models.llama.modeling_llama",
        "trl.trainer.dpo_trainer", "trl.trainer.kto_trainer", "trl.trainer.reward_trainer",
    ),
}  # fmt: skip
"""What each kind of server imports."""
ENVIRONMENT = {
    "plan": {"PYTHONHASHSEED": "1"},
    "run": {"PYTHONHASHSEED": "2"},
    "job": {"OMP_NUM_THREADS": "1"},
}
READ_AT_IMPORT = ("HF_", "HOME", "HUGGINGFACE_", "TORCH", "TRANSFORMERS_", "XDG_")
"""Beginnings of variables that packages read when they are imported."""
UNSHARED = ("fetch_", "nlp_")
"""Beginnings of scripts that set such variables themselves."""
_starting = Lock()


def snakemake(arguments, folder, environment):
    """Run ``python -m snakemake`` in a folder; returns the finished process, its output as text.

    Jobs of the run whose script needs no other environment fork from a server too.
    """
    kind = "plan" if "-n" in arguments else "run"
    with _starting:
        path, server = _server(kind)
        jobs = _server("job")[0] if kind == "run" else None
    with tempfile.NamedTemporaryFile() as output, socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        with open(os.devnull) as empty:
            streams = [empty.fileno(), output.fileno(), output.fileno()]
            socket.send_fds(connection, [b"-"], streams)
        request = [arguments, str(folder), environment, jobs]
        connection.sendall(json.dumps(request).encode())
        connection.shutdown(socket.SHUT_WR)
        code = connection.makefile().read()
        text = Path(output.name).read_text(encoding="utf-8", errors="replace")
    assert code, f"no reply from the server, whose exit status is {server.poll()}: {text}"
    return subprocess.CompletedProcess(arguments, int(code), text)


@cache
def _server(kind):
    """The path of a server's socket, and the server, which ends with this process."""
    folder = Path(_scratch().name)
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    server = subprocess.Popen(
        [sys.executable, "-P", __file__, kind], cwd=folder, env={**own, **ENVIRONMENT[kind]},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout.readline() == b"ready\n"
    return str(folder / kind), server


@cache
def _scratch():
    return tempfile.TemporaryDirectory()


def serve(kind):
    """Answer requests until the input ends, each by a process of its own."""
    started = read_at_import(os.environ)  # imports may set some
    for name in PACKAGES[kind]:
        import_module(name)
    gc.freeze()  # a child shares the memory of what it does not touch
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(kind)
        listener.listen()
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for these processes
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                answer(connection, kind, started)
                os._exit(0)
            connection.close()


def answer(connection, kind, started):
    """Start what is requested, and reply with its exit code; nothing if it cannot fork from here.

    Ends it where the requester ends.
    """
    streams = socket.recv_fds(connection, 1, 3)[1]
    arguments, folder, environment, *jobs = json.loads(connection.makefile().read())
    if kind == "job" and not (shares(arguments[0]) and read_at_import(environment) == started):
        return
    child = os.fork()
    if child == 0:
        connection.close()
        become(streams, folder, environment)
        if kind == "job":
            run_script(arguments)
        start_snakemake(arguments, *jobs)
    ends = select.poll()
    ends.register(os.pidfd_open(child), select.POLLIN)
    ends.register(connection, 0)  # the requester's end; its half-closed connection is readable
    if connection.fileno() in dict(ends.poll()):
        os.kill(child, signal.SIGTERM)
    connection.sendall(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


def shares(script):
    """Whether the environment of a script is that of its process."""
    name = Path(script).name.partition(".")[2]  # Snakemake's copy: tmp1234.sample.py
    return not name.startswith(UNSHARED)


def read_at_import(environment):
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_IMPORT)}


def become(streams, folder, environment):
    """Give this process the environment that the command would have had."""
    for stream, file in enumerate(streams):
        os.dup2(file, stream)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    assert "icr" not in sys.modules


def start_snakemake(arguments, jobs):
    """Run Snakemake; its scripts ask the server whose socket is ``jobs``."""
    from snakemake.cli import main
    from snakemake.script import PythonScript

    original = PythonScript.execute_script

    def execute_script(script, fname, edit=False):
        if script.conda_env or script.container_img:
            return original(script, fname, edit)
        client = shlex.join([sys.executable, "-I", "-S", str(CLIENT), jobs])
        script._execute_cmd("{client} {fname:q}", client=client, fname=fname)

    if jobs:
        PythonScript.execute_script = execute_script
    sys.path.insert(0, os.getcwd())
    sys.argv = ["snakemake", *arguments]
    sys.exit(main())


def run_script(arguments):
    """Run a script as ``python script`` does, but end without taking the packages apart."""
    import torch

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))  # else read at import
    sys.path.insert(0, str(Path(arguments[0]).parent))
    sys.argv = arguments
    code = 0
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    except Exception as error:
        code = 1
        sys.excepthook(type(error), error, error.__traceback__)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
