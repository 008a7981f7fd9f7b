"""The judges of a configuration, on the loopback: each under its own name, behind one key."""

from collections.abc import Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from endpoint import completion, endpoint, name_of

KEY = "a-made-up-key-of-the-rehearsal"


@contextmanager
def judges(config: Mapping[str, Any]):
    """Serve all judges; yields the URL, up to and without ``/chat/completions``.

    They ask for a key if one of the configuration's judges has one.
    """
    named, evaluation = config["judges"], config["evaluation"]
    pairwise, grading = (
        model_of(named[evaluation[section]["judge"]]) for section in ("xalpacaeval", "mtbench")
    )
    key = KEY if any("key" in judge for judge in named.values()) else None
    with endpoint(partial(verdict, pairwise=pairwise, grading=grading), key=key) as served:
        yield served.url


def model_of(judge: Mapping[str, Any]) -> str:
    """The name of a judge's model in requests."""
    return judge["model"] if "model" in judge else judge["serve"]["model"]


def verdict(body, pairwise: str, grading: str):
    """What a judge says: it depends on the question alone, as far as its truth goes.

    Only the judge of pairs returns token probabilities; other model names are unknown.
    """
    if body["model"] == pairwise and body.get("top_logprobs"):
        return completion(body)
    if body["model"] != grading or body.get("logprobs"):
        return 404, {"error": {"code": "model_not_found", "message": "no such model for this"}}
    text = "\n".join(message["content"] for message in body["messages"])
    number = int(name_of(body["messages"])[:8], 16)
    reply = (
        f"It could be worse. Rating: [[{1 + number % 10}]]"
        if "[[rating]]" in text
        else "Comparison: they differ.\n\nPreferred: "
        + ("answer1", "answer2", "answer1", "answer2", "tie")[number % 5]
    )
    answer = completion(body)
    answer["choices"][0] |= {
        "message": {"role": "assistant", "content": reply},
        "finish_reason": "stop",
        "logprobs": None,
    }
    return answer
