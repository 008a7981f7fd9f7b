"""The judges of the configuration on the loopback, under their own names and with one key."""

from contextlib import contextmanager

from endpoint import completion, endpoint, name_of

KEY = "a-made-up-key-of-the-rehearsal"
PAIRWISE, GRADING = "gpt-4-1106-preview", "gpt-4o-2024-08-06"


@contextmanager
def judges():
    """Serve both judges; yields the URL without ``/chat/completions``."""
    with endpoint(verdict, key=KEY) as served:
        yield served.url


def verdict(body):
    """A judge's reply, which depends on the question alone.

    Only the judge of pairs returns token probabilities; other model names are unknown.
    """
    if body["model"] == PAIRWISE and body.get("top_logprobs"):
        return completion(body)
    if body["model"] != GRADING or body.get("logprobs"):
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
