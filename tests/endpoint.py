"""A chat endpoint on 127.0.0.1 with the faults that a test configures."""

import hashlib
import json
import math
import random
import socket
import struct
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from loopback import listening

FAULTS = ("429", "500", "garbage", "empty", "half", "hang", "drop")


def name_of(messages):
    """Identify a question by its messages."""
    text = json.dumps(messages, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def completion(body):
    """A complete answer that depends only on the question: a preference between m and M."""
    share = (int(name_of(body["messages"])[:8], 16) % 9_998 + 1) / 10_000
    names = {"m": math.log(share), "M": math.log(1 - share), "The": -30.0}
    text = max(names, key=names.get)
    alternatives = [
        {"token": token, "logprob": value, "bytes": None} for token, value in names.items()
    ]
    token = {"token": text, "logprob": 0.0, "bytes": None, "top_logprobs": alternatives}
    return {
        "id": "x",
        "created": 0,
        "object": "chat.completion",
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": "length",
                "message": {"role": "assistant", "content": text},
                "logprobs": {"content": [token], "refusal": None},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 1, "total_tokens": 101},
    }


class Slow:
    """A file that pauses after each byte."""

    def __init__(self, file, pause):
        self.file, self.pause = file, pause

    def write(self, content):
        for byte in content:
            self.file.write(bytes([byte]))
            self.file.flush()
            time.sleep(self.pause)

    def __getattr__(self, name):
        return getattr(self.file, name)


class Endpoint:
    """The requests received, and the questions answered completely."""

    def __init__(self):
        self.url = ""
        self.asked, self.answered, self.bodies = [], [], []


@contextmanager
def endpoint(reply=completion, faults=0.0, seed=0, key=None, hang=2.0, pause=0.0, tls=None):
    """Serve ``reply(body)``; a fraction ``faults`` of the requests fails, as ``seed`` decides.

    ``reply`` may return (status, object) for another status. With ``key``, only requests that
    carry it are answered. ``pause`` is the delay in seconds after each byte, headers included.
    """
    tries, guard, record = {}, threading.Lock(), Endpoint()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = name_of(body["messages"])
            with guard:
                tries[name] = tries.get(name, 0) + 1
                record.asked.append(name)
                record.bodies.append(body)
            if key is not None and self.headers.get("Authorization") != f"Bearer {key}":
                self.send(401, {"error": {"code": "invalid_api_key"}})
                return
            generator = random.Random(f"{seed}{name}{tries[name]}")
            if generator.random() < faults:
                self.fail(generator.choice(FAULTS))
                return
            answer = reply(body)
            status, answer = answer if isinstance(answer, tuple) else (200, answer)
            if status == 200:
                with guard:
                    record.answered.append(name)
            self.send(status, answer)

        def send(self, status, answer, headers=None, missing=0):
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            if pause:
                self.wfile = Slow(self.wfile, pause)
            self.send_response(status)
            for field, value in (headers or {}).items():
                self.send_header(field, value)
            self.send_header("Content-Length", str(len(content) + missing))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = bool(missing)

        def fail(self, fault):
            if fault == "429":
                self.send(429, {"error": {"code": "rate_limit"}}, {"Retry-After": "0.01"})
            elif fault == "500":
                self.send(500, b"oops")
            elif fault == "garbage":
                self.send(200, b"<html>busy</html>")
            elif fault == "empty":
                self.send(200, b"")
            elif fault == "half":
                self.send(200, b'{"choices": [{"message": {"con', missing=500)
            else:
                if fault == "hang":
                    time.sleep(hang)
                # Close with a reset, as a machine that goes down does.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()

        def log_message(self, *_):
            pass

    with listening(Handler, tls) as url:
        record.url = f"{url}/v1"
        yield record
