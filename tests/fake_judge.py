"""An OpenAI-compatible judge on 127.0.0.1 that says what a test wants."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace


@contextmanager
def judge_server(say):
    """Serve ``say(messages) -> text``; yields the ``url`` and the bodies ``asked``."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            choice = {"message": {"content": say(body["messages"])}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1000, "completion_tokens": 100}
            answer = {"model": body["model"], "choices": [choice], "usage": usage}
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}/v1", asked=asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
