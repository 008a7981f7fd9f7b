"""One request to an OpenAI-compatible endpoint, until it is answered in full."""

import random
import threading
from collections.abc import Mapping
from typing import Any

import requests

from icr.errors import InputError
from icr.judging.settings import JudgeSettings

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before the second try, doubled before each further one, and where that ends."""
CONNECT = 10.0
"""Seconds to wait for a connection."""


class UnansweredError(Exception):
    """The judge gave no answer; the message is a short reason that can be counted."""


class _PassingError(Exception):
    """A failure that another try may not meet; ``pause``: seconds that the server asked for."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


class Endpoint:
    """``{url}/chat/completions``. Threads may use it at the same time."""

    def __init__(self, url: str, settings: JudgeSettings, secret: str | None) -> None:
        self.url, self.settings = url.rstrip("/"), settings
        self._headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        self._stopped = threading.Event()
        self._local = threading.local()

    def stop(self) -> None:
        """Have waiting requests give up."""
        self._stopped.set()

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """``text``, ``logprobs``, ``finish``, ``model`` and ``tokens`` of the answer.

        Raises UnansweredError if the request is refused or out of tries, InputError if the endpoint
        refuses this judge altogether.
        """
        for attempt in range(self.settings.tries):
            try:
                return self._try(body)
            except _PassingError as failure:
                reason = str(failure)
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt) * random.uniform(0.5, 1.0)
                if failure.pause is not None:
                    pause = max(failure.pause, pause)
                print(f"{self.settings.name}: {reason}", flush=True)
                if attempt + 1 < self.settings.tries and self._stopped.wait(pause):
                    raise UnansweredError("stopped") from None
        raise UnansweredError(reason)

    def _try(self, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            reply = self._session().post(
                f"{self.url}/chat/completions",
                json=body,
                headers=self._headers,
                timeout=(CONNECT, self.settings.timeout),
                allow_redirects=False,
            )
        except requests.Timeout:
            raise _PassingError("timeout") from None
        except requests.RequestException:
            # The error's own text may quote the request.
            raise _PassingError("broken connection") from None
        if reply.status_code != 200:
            raise self._refusal(reply)
        try:
            return read_answer(reply.json(), bool(body.get("logprobs")))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            raise _PassingError("garbage") from None

    def _refusal(self, reply: requests.Response) -> Exception:
        status, code = reply.status_code, _error_code(reply)
        reason = f"HTTP {status}" + (f" {code}" if code else "")
        if status in (401, 403, 404) or code == "insufficient_quota":
            return InputError(
                f"judge '{self.settings.name}': {self.url} refuses it ({reason}); check its "
                f"model '{self.settings.model}', its endpoint, and the key in "
                f"{self.settings.key or 'no environment variable'}"
            )
        if status in (408, 409, 425, 429) or status >= 500:
            return _PassingError(reason, _seconds(reply.headers.get("Retry-After")))
        return UnansweredError(reason)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            # Servers on this machine are reached without a proxy, whatever the environment says.
            self._local.session.trust_env = not self.url.startswith("http://127.0.0.1")
        session: requests.Session = self._local.session
        return session


def read_answer(reply: Mapping[str, Any], with_logprobs: bool) -> dict[str, Any]:
    """The part of a chat completion that is kept.

    ``logprobs`` is None where the server gave none, although asked.

    Raises KeyError, IndexError, TypeError or ValueError if it is no complete chat completion.
    """
    choice = reply["choices"][0]
    text = choice["message"]["content"] or ""
    logprobs = None
    content = (choice.get("logprobs") or {}).get("content")
    if with_logprobs and content:
        logprobs = [
            {one["token"]: float(one["logprob"]) for one in token["top_logprobs"]}
            for token in content
        ]
    if not isinstance(text, str) or not (text or logprobs or choice["message"].get("refusal")):
        raise ValueError("an answer without text")
    usage = reply.get("usage") or {}
    return {
        "text": text,
        "logprobs": logprobs,
        "finish": choice.get("finish_reason"),
        "model": reply.get("model"),
        "tokens": {
            "input": int(usage.get("prompt_tokens") or 0),
            "output": int(usage.get("completion_tokens") or 0),
        },
    }


def _error_code(reply: requests.Response) -> str:
    """The endpoint's own short name of an error, such as ``context_length_exceeded``."""
    try:
        error = reply.json()["error"]
        return str(error.get("code") or error.get("type") or "")[:60]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _seconds(value: str | None) -> float | None:
    """A Retry-After header in seconds; its date form is taken as absent."""
    try:
        return None if value is None else max(0.0, min(float(value), 600.0))
    except ValueError:
        return None
