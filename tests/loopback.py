"""Web servers on 127.0.0.1 with the answers of a test."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace


class Server(ThreadingHTTPServer):
    """Closes without waiting for clients, which may have been killed."""

    daemon_threads = True

    def handle_error(self, *_):
        pass


@contextmanager
def listening(handler, tls=None):
    """Serve with a request handler, over TLS with an ssl context; yields the URL."""
    server = Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving(answer):
    """Serve ``answer(method, path, headers) -> (status, headers, body)``.

    Yields the server's ``url`` and the ``requests`` received, as (method, path, headers). A
    Content-Length in the answer's headers is sent even if the body is shorter.
    """
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append((self.command, self.path, dict(self.headers)))
            status, headers, body = answer(self.command, self.path, dict(self.headers))
            self.send_response(status)
            for key, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            self.close_connection = True

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    with listening(Handler) as url:
        yield SimpleNamespace(url=url, requests=requests)


def closed_port():
    """URL of a port on which nothing listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return f"http://127.0.0.1:{server.server_port}"
