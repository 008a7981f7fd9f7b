"""``forked_job.py SOCKET SCRIPT``: run a script in a process that forks from a server (forked.py).

Where the server cannot, this process becomes ``python SCRIPT``.
"""

import json
import os
import signal
import socket
import sys

server, *arguments = sys.argv[1:]


def answer():
    """The server's answer: an exit code, minus a signal, 'no', or nothing if it was killed."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(server)
        socket.send_fds(connection, [b"-"], [0, 1, 2])
        connection.sendall(json.dumps([arguments, os.getcwd(), dict(os.environ)]).encode())
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile().read()


code = answer()
if code == "no":
    os.execv(sys.executable, [sys.executable, *arguments])
if code.startswith("-"):
    number = -int(code)
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)  # Python ignores some
    os.kill(os.getpid(), number)
sys.exit(int(code or 1))
