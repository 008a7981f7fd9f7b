"""The demo's judge: the oracle's verdicts, behind the API of real judges."""

import ast
import hashlib
import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from icr.evaluation.mtbench.grading import graded
from icr.evaluation.reward_accuracy import compared
from icr.judging import pairwise
from icr.meaning import meaning
from icr.miniature.oracle import judge
from icr.miniature.world import Fact, World

SHARPNESS = 4.0
"""How strongly the oracle's probability depends on the scores: P = σ(4·(s₁ − s₂))."""


@dataclass(frozen=True)
class Reply:
    """The oracle's reply: its text, and the probabilities of its first token."""

    text: str
    probabilities: Mapping[str, float]


class Oracle:
    """Answers the workflow's judge prompts about the miniature's questions."""

    def __init__(self, facts: str | Path) -> None:
        self.world = World(facts)

    @cached_property
    def _questions(self) -> dict[str, tuple[Fact, str]]:
        world = self.world
        return {
            world.question(fact, language, phrasing): (fact, language)
            for language in world.languages
            for phrasing in range(world.phrasings)
            for fact in world.facts.values()
        }

    def score(self, question: str, answer: str) -> float:
        """The planted score of an answer, from 0 to 1.

        Raises ValueError for a question outside this world.
        """
        if question not in self._questions:
            raise ValueError(f"no question of the miniature world: {question!r}")
        fact, language = self._questions[question]
        return judge(self.world, fact, language, answer).score

    def reply(self, messages: Sequence[Mapping[str, str]]) -> Reply:
        """The verdict on a judge prompt.

        Raises ValueError for a prompt in an unknown format.
        """
        text = "\n".join(message["content"] for message in messages)
        for reader in READERS:
            reply = reader(self, text)
            if reply is not None:
                return reply
        raise ValueError("a prompt in no known format")


def _pairwise(oracle: Oracle, text: str) -> Reply | None:
    """X-AlpacaEval: which of two outputs is better."""
    asked = pairwise.read(text)
    if asked is None:
        return None
    first, second = (oracle.score(asked.question, answer) for answer in asked.outputs)
    probability = 1 / (1 + math.exp(-SHARPNESS * (first - second)))
    names = dict(zip(pairwise.NAMES, (probability, 1 - probability), strict=True))
    return Reply(max(names, key=lambda name: names[name]), names)


def _grading(oracle: Oracle, text: str) -> Reply | None:
    """MT-Bench: the score of an answer, from 1 to 10."""
    read = graded(text)
    if read is None:
        return None
    score = oracle.score(*read)
    return Reply(
        f"The planted score of this answer is {score:.2f}. Rating: [[{1 + 9 * score:.0f}]]", {}
    )


def _comparison(oracle: Oracle, text: str) -> Reply | None:
    """Reward accuracy: which of two answers is better, or a tie."""
    read = compared(text)
    if read is None:
        return None
    instruction, *answers = read
    first, second = (oracle.score(instruction, answer) for answer in answers)
    choice = "tie" if first == second else "answer1" if first > second else "answer2"
    reason = f"answer1 has the planted score {first:.2f}, answer2 has {second:.2f}."
    return Reply(f"Comparison: {reason}\n\nPreferred: {choice}", {})


READERS: list[Callable[[Oracle, str], Reply | None]] = [_pairwise, _grading, _comparison]
"""One reader per format, which returns None for a prompt in another format."""


def version(facts: str | Path) -> str:
    """The oracle's model name, which changes with its facts and with what its code means.

    Verdicts are stored under this name: a new wording of a comment must not discard them.
    """
    content = [Path(facts).read_text(encoding="utf-8")]
    for name in ("judge", "oracle", "world"):
        code = ast.parse(Path(__file__).with_stem(name).read_text(encoding="utf-8"))
        content.append(ast.unparse(meaning(code.body, speaks=lambda _: False)))
    return f"oracle-{hashlib.sha256(''.join(content).encode()).hexdigest()[:8]}"


def completion(oracle: Oracle, body: Mapping[str, Any]) -> dict[str, Any]:
    """A chat completion in the format of the API."""
    reply = oracle.reply(body["messages"])
    choice: dict[str, Any] = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": reply.text},
    }
    if body.get("logprobs"):
        alternatives = [
            {"token": token, "logprob": math.log(max(p, 1e-30))}
            for token, p in reply.probabilities.items()
        ][: body.get("top_logprobs", 0)]
        token = {"token": reply.text, "logprob": 0.0, "top_logprobs": alternatives}
        choice["logprobs"] = {"content": [token]}
    words = sum(len(message["content"].split()) for message in body["messages"])
    return {
        "object": "chat.completion",
        "model": body["model"],
        "choices": [choice],
        "usage": {"prompt_tokens": words, "completion_tokens": len(reply.text.split())},
    }


@contextmanager
def serving(facts: str | Path) -> Iterator[str]:
    """Serve the oracle on a free port of 127.0.0.1, and yield the endpoint's URL."""
    oracle = Oracle(facts)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                status, answer = 200, completion(oracle, body)
            except ValueError as error:
                status, answer = 400, {"error": {"code": "bad_prompt", "message": str(error)}}
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
