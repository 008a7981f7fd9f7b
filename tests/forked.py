"""Processes that fork from a server which has imported third-party packages, to start sooner.

Snakemake then starts in two thirds of the time, and a job that uses a model in tenths of a second
instead of several seconds. Only third-party packages are shared: the project's own modules are read
from the copy that runs. Plans and runs fork from servers that differ in the order of sets, so that
a plan that depends on this order differs from the run. All jobs of one server share this order, and
their benchmarks show the client's memory and CPU time.
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
import threading
from functools import cache
from importlib import import_module
from pathlib import Path

CLIENT = Path(__file__).with_name("forked_job.py")
SNAKEMAKE = (
    "snakemake.cli", "snakemake.report.html_reporter", "snakemake_executor_plugin_slurm",
    "pandas", "pyarrow.parquet", "pydantic", "requests", "smart_open",
)  # fmt: skip
PACKAGES = {
    "plan": SNAKEMAKE,
    "run": SNAKEMAKE,
    "job": (
        "snakemake.script", "pandas", "pyarrow.parquet", "matplotlib.pyplot", "alpaca_eval.metrics",
        "lm_eval.evaluator", "sklearn.linear_model", "transformers.models.llama.modeling_llama",
        "trl.trainer.dpo_trainer", "trl.trainer.kto_trainer", "trl.trainer.reward_trainer",
    ),
}  # fmt: skip
"""What each kind of server imports."""
ENVIRONMENT = {
    "plan": {"PYTHONHASHSEED": "1"},
    "run": {"PYTHONHASHSEED": "2"},
    "job": {
        "HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1",
        "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1",
    },
}  # fmt: skip
"""What is set while a server imports."""
READ_AT_IMPORT = (
    "HF_DATASETS_CACHE", "HF_ENDPOINT", "HF_HOME", "HF_HUB_CACHE", "HOME", "HUGGINGFACE_HUB_CACHE",
    "MPLCONFIGDIR", "XDG_CACHE_HOME",
)  # fmt: skip
"""Other variables that packages read when they are imported."""
FROM_HUB = ("fetch_model.py", "fetch_benchmark.py", "fetch_preferences.py")
"""Jobs that need the hub, for which a server that works offline is no parent."""
_starting = threading.Lock()


def snakemake(arguments, folder, environment):
    """Run ``python -m snakemake`` in a folder; returns the finished process, its output as text.

    Its jobs fork too, unless their script downloads from a hub, or has an environment of its own.
    """
    kind = "plan" if {"-n", "--dry-run"} & set(arguments) else "run"
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
        [sys.executable, "-P", __file__, kind],
        cwd=folder, env={**own, **ENVIRONMENT[kind]},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout.readline() == b"ready\n"
    return str(folder / kind), server


@cache
def _scratch():
    return tempfile.TemporaryDirectory()


def serve(kind):
    """Answer requests until the input ends, each by a process of its own."""
    started = read_at_import(os.environ)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(kind)
        listener.listen()
        print("ready", flush=True)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for these processes
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            preload(kind)
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                answer(connection, kind, started)
            connection.close()


@cache
def preload(kind):
    """Import a server's packages, at its first request."""
    for name in PACKAGES[kind]:
        import_module(name)
    gc.freeze()  # a child shares the memory of what it does not touch


def answer(connection, kind, started):
    """Run the requested process and reply with its exit code, or minus the signal that ended it.

    The reply is 'no' if it needs a fresh interpreter.
    """
    streams = socket.recv_fds(connection, 1, 3)[1]
    arguments, folder, environment, *jobs = json.loads(connection.makefile().read())
    if kind == "job" and (downloads(arguments[0]) or read_at_import(environment) != started):
        reply = "no"
    elif (child := os.fork()) == 0:
        connection.close()
        become(streams, folder, environment)
        os._exit(exit_code(run_script if kind == "job" else start_snakemake, arguments, *jobs))
    else:
        reply = str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    connection.sendall(reply.encode())
    os._exit(0)


def exit_code(main, *arguments):
    """Run a program's main function and its exit handlers; returns the exit code of the program."""
    code = 0
    try:
        main(*arguments)
    except SystemExit as end:
        code = end.code or 0
        if not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException as error:
        code = 1
        sys.excepthook(type(error), error, error.__traceback__)
    # Run threads and exit handlers to their end, but skip the teardown of packages, which is slow.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def downloads(script):
    """Whether a job downloads from a hub, by the name of Snakemake's copy of its script."""
    return Path(script).name.partition(".")[2] in FROM_HUB  # tmp1234.fetch_model.py


def read_at_import(environment):
    """The variables of an environment that decide whether a job may fork from a server."""
    return {name: environment.get(name) for name in READ_AT_IMPORT}


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
    """Run a script as ``python script`` does."""
    import numpy
    import torch

    numpy.random.seed()  # else the state at the server's import, the same for all jobs
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))  # else read at import
    sys.path.insert(0, str(Path(arguments[0]).parent))
    sys.argv = arguments
    runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    serve(sys.argv[1])
