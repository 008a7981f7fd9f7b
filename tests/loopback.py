"""Web servers on 127.0.0.1 whose answers a test gives."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace


class Server(ThreadingHTTPServer):
    """Ends without waiting for its clients, which may be killed and leave broken pipes."""

    daemon_threads = True

    def handle_error(self, *_):
        pass


@contextmanager
def listening(handler, tls=None):
    """Serve with a request handler, over TLS if there is an ssl context; yields the URL."""
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

    Yields the server's ``url`` and the ``requests`` it got, as (method, path, headers). A
    Content-Length that the answer names is kept, even if the body is shorter.
    """
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            got.append((self.command, self.path, dict(self.headers)))
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
        yield SimpleNamespace(url=url, requests=got)


def closed_port():
    """The URL of a port where nobody listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return f"http://127.0.0.1:{server.server_port}"
