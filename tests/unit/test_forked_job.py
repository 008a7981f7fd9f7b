"""The client of forked jobs: it ends as the job did."""

import signal
import socket
import subprocess
import sys
from threading import Thread

import pytest
from forked import CLIENT


@pytest.fixture
def ended(tmp_path):
    """A function that returns the exit status of the client, by the server's answer."""

    def ended(answer):
        script = tmp_path / "script.py"
        script.write_text("raise SystemExit(7)")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(tmp_path / "socket"))
            listener.listen()
            server = Thread(target=serve, args=(listener, answer))
            server.start()
            command = [sys.executable, "-I", "-S", CLIENT, tmp_path / "socket", script]
            status = subprocess.run(command).returncode
            server.join()
        return status

    return ended


def serve(listener, answer):
    connection, _ = listener.accept()
    with connection:
        while connection.recv(4096):
            pass
        connection.sendall(answer)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"0", 0),
        (b"3", 3),
        (b"-9", -signal.SIGKILL),
        (b"-13", -signal.SIGPIPE),  # which Python ignores
        (b"", 1),  # the server was killed
        (b"no", 7),  # the script runs in a new Python
    ],
)
def test_the_client_ends_as_the_job(ended, answer, status):
    assert ended(answer) == status
