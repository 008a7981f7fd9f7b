"""``forked_job.py SOCKET SCRIPT``: run a script in a process that forks from a server (forked.py).

Where the server cannot, this process becomes ``python SCRIPT``.
"""

import json
import os
import socket
import sys

server, *arguments = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(server)
    socket.send_fds(connection, [b"-"], [0, 1, 2])
    connection.sendall(json.dumps([arguments, os.getcwd(), dict(os.environ)]).encode())
    connection.shutdown(socket.SHUT_WR)
    code = connection.makefile().read()
if code != "no":
    sys.exit(int(code or 1))  # no reply: killed
os.execv(sys.executable, [sys.executable, *arguments])
