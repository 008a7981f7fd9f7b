"""Send a request to an OpenAI-compatible endpoint until it is answered."""

import math
import random
import threading
from collections.abc import Mapping
from typing import Any

import requests

from icr.errors import InputError
from icr.judging import causes
from icr.judging.causes import Cause, Refusal
from icr.judging.names import is_same_model
from icr.judging.session import Session
from icr.judging.settings import JudgeSettings
from icr.storage.text import mended

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before the second attempt, doubled for each further one, and their maximum."""


class UnansweredError(Exception):
    """The judge gave no answer; the message is a short reason that can be counted."""


class _TransientError(Exception):
    """A failure that may be transient; ``pause``: seconds that the server asks to wait."""

    def __init__(self, cause: Cause, pause: float | None = None) -> None:
        super().__init__(cause.reason)
        self.cause, self.pause = cause, pause


class Endpoint:
    """``{url}/chat/completions``; thread-safe."""

    def __init__(self, url: str, settings: JudgeSettings, secret: str | None) -> None:
        self.url, self.settings = url.rstrip("/"), settings
        self._secret = secret
        self._stopped, self._answered = threading.Event(), threading.Event()
        self._local = threading.local()

    @property
    def answered(self) -> bool:
        """Whether it has answered a request correctly."""
        return self._answered.is_set()

    def stop(self) -> None:
        """Make waiting requests give up, and refuse further ones."""
        self._stopped.set()

    def resume(self) -> None:
        """Accept requests again after :meth:`stop`."""
        self._stopped.clear()

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """``text``, ``logprobs``, ``finish``, ``model`` and ``tokens`` of the answer.

        Raises UnansweredError if the request is refused or out of tries, InputError if the endpoint
        refuses the key or the model, cannot be reached, or answers with another model.
        """
        for attempt in range(self.settings.tries):
            if self._stopped.is_set():
                raise UnansweredError("stopped")
            try:
                return self._try(body)
            except _TransientError as failure:
                cause = failure.cause
                if cause.permanent and not self.answered:
                    break
                pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt) * random.uniform(0.5, 1.0)
                if failure.pause is not None:
                    pause = max(failure.pause, pause)
                print(f"{self.settings.name}: {cause.reason}", flush=True)
                if attempt + 1 < self.settings.tries and self._stopped.wait(pause):
                    raise UnansweredError("stopped") from None
        if cause.advice and not self.answered:
            raise self._error(f"{cause.reason}; {cause.advice}")
        raise UnansweredError(cause.reason)

    def _try(self, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {} if self._secret is None else {"Authorization": f"Bearer {self._secret}"}
        seconds = self.settings.timeout
        try:
            reply = self._session().post(f"{self.url}/chat/completions", body, headers, seconds)
        except OSError as error:
            # The error's own text may quote the request.
            raise _TransientError(causes.of_failure(error, seconds)) from None
        if reply.status_code != 200:
            raise self._refusal(reply, body)
        try:
            answer = read_answer(reply.json(), bool(body.get("logprobs")))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            raise _TransientError(causes.of_body(reply.content)) from None
        self._check(answer, body)
        self._answered.set()
        return answer

    def _check(self, answer: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Raise InputError for another model's answer, or one without token probabilities."""
        settings, model = self.settings, answer["model"]
        expected = settings.answers_as or settings.model
        # A server that this job started has one model, whatever its name.
        if settings.api is not None and model and not is_same_model(expected, str(model)):
            raise self._error(
                f"the model '{model}' answers instead of '{expected}'; correct 'model' of the "
                "judge or, if this is the same model under another name, set 'answers_as' to it"
            )
        refused = not answer["text"] or answer["finish"] == "content_filter"
        if body.get("logprobs") and not (answer["logprobs"] or refused or self.answered):
            raise self._error(
                "answers without token probabilities, although top_logprobs asks for them; choose "
                "a model and a server that return them, such as vLLM and llama.cpp"
            )

    def _refusal(self, reply: requests.Response, body: Mapping[str, Any]) -> Exception:
        status, refusal = reply.status_code, _read_refusal(reply)
        reason = f"HTTP {status}" + (f" {refusal.code}" if refusal.code else "")
        name = self.settings.key
        if status == 401 or (status == 403 and not self.answered):
            key = f"check the key in {name}" if name else "it needs a 'key'"
            return self._error(f"{reason}; {key}, and its permissions")
        if status == 402 or refusal.code == "insufficient_quota":
            return self._error(f"{reason}; the account behind the key in {name} has no credit left")
        if status in (404, 405) or 300 <= status < 400:
            return self._error(
                f"{reason}; check the model '{self.settings.model}' and the address: "
                f"{causes.ADDRESS}"
            )
        if status in (408, 409, 425, 429) or status >= 500:
            return _TransientError(Cause(reason), _seconds(reply.headers.get("Retry-After")))
        parameter = causes.refused_parameter(refusal, body)
        if parameter is not None and not self.answered:
            value = body[parameter]
            return self._error(
                f"{reason}: it does not take the parameter {parameter} (here {value!r}): "
                f"{self._quoted(refusal.message)}; change it under 'options' of the judge (null "
                "leaves it out), or choose another judge"
            )
        return UnansweredError(reason)

    def _quoted(self, message: str) -> str:
        """An endpoint's message on one line, without the key."""
        line = " ".join(message.split())
        if self._secret:
            line = line.replace(self._secret, "***")
        return line[:200]

    def _error(self, problem: str) -> InputError:
        return InputError(
            f"judge '{self.settings.name}' at {causes.without_secrets(self.url)}: {problem}"
        )

    def _session(self) -> Session:
        if not hasattr(self._local, "session"):
            # A server on this machine is never behind a proxy, whatever the environment says.
            is_local = self.url.startswith("http://127.0.0.1")
            self._local.session = Session(proxies=not is_local)
        session: Session = self._local.session
        return session


def read_answer(reply: Mapping[str, Any], with_logprobs: bool) -> dict[str, Any]:
    """The parts of a chat completion that are stored.

    ``logprobs`` is None if the server returned none; it is empty for a token with a probability
    that is not a number. Half a character becomes U+FFFD.

    Raises KeyError, IndexError, TypeError or ValueError for an incomplete chat completion.
    """
    choice = reply["choices"][0]
    text = choice["message"]["content"] or ""
    logprobs = None
    content = (choice.get("logprobs") or {}).get("content") or ()
    if with_logprobs and any(token.get("top_logprobs") for token in content):
        logprobs = [_alternatives(token) for token in content]
    if not isinstance(text, str) or not (text or logprobs or choice["message"].get("refusal")):
        raise ValueError("an answer without text")
    usage = reply.get("usage") or {}
    return {
        "text": mended(text),
        "logprobs": logprobs,
        "finish": choice.get("finish_reason"),
        "model": reply.get("model"),
        "tokens": {
            "input": int(usage.get("prompt_tokens") or 0),
            "output": int(usage.get("completion_tokens") or 0),
        },
    }


def _alternatives(token: Mapping[str, Any]) -> dict[str, float]:
    """The log-probabilities of a token's alternatives; empty if one of them is not a number."""
    logprobs = {mended(t["token"]): float(t["logprob"]) for t in token.get("top_logprobs") or ()}
    return {} if any(math.isnan(logprob) for logprob in logprobs.values()) else logprobs


def _read_refusal(reply: requests.Response) -> Refusal:
    try:
        return causes.read_refusal(reply.json())
    except ValueError:
        return Refusal()


def _seconds(value: str | None) -> float | None:
    """A Retry-After header in seconds; None if it is absent or a date."""
    try:
        return None if value is None else max(0.0, min(float(value), 600.0))
    except ValueError:
        return None
