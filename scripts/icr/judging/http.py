"""One request to an OpenAI-compatible endpoint, until it is answered in full."""

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
"""Seconds before the second try, doubled before each further one, and where that ends."""


class UnansweredError(Exception):
    """The judge gave no answer; the message is a short reason that can be counted."""


class _PassingError(Exception):
    """A failure that another try may not meet; ``pause``: seconds that the server asked for."""

    def __init__(self, cause: Cause, pause: float | None = None) -> None:
        super().__init__(cause.reason)
        self.cause, self.pause = cause, pause


class Endpoint:
    """``{url}/chat/completions``. Threads may use it at the same time."""

    def __init__(self, url: str, settings: JudgeSettings, secret: str | None) -> None:
        self.url, self.settings = url.rstrip("/"), settings
        self._secret = secret
        self._stopped, self._answered = threading.Event(), threading.Event()
        self._local = threading.local()

    @property
    def answered(self) -> bool:
        """Whether it has answered a request as it should."""
        return self._answered.is_set()

    def stop(self) -> None:
        """Have waiting requests give up, and answer no others."""
        self._stopped.set()

    def resume(self) -> None:
        """Answer again after :meth:`stop`."""
        self._stopped.clear()

    def answer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """``text``, ``logprobs``, ``finish``, ``model`` and ``tokens`` of the answer.

        Raises UnansweredError if the request is refused or out of tries, InputError if the endpoint
        refuses this judge altogether, cannot be reached at all, or is another one than was meant.
        """
        for attempt in range(self.settings.tries):
            if self._stopped.is_set():
                raise UnansweredError("stopped")
            try:
                return self._try(body)
            except _PassingError as failure:
                cause = failure.cause
                if cause.lasting and not self.answered:
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
            raise _PassingError(causes.of_failure(error, seconds)) from None
        if reply.status_code != 200:
            raise self._refusal(reply, body)
        try:
            answer = read_answer(reply.json(), bool(body.get("logprobs")))
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            raise _PassingError(causes.of_body(reply.content)) from None
        self._check(answer, body)
        self._answered.set()
        return answer

    def _check(self, answer: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Raise InputError unless the model that was asked answers, and in the way it was asked."""
        settings, model = self.settings, answer["model"]
        wanted = settings.answers_as or settings.model
        # A server that this job started has one model, and may call it as it likes.
        if settings.api is not None and model and not is_same_model(wanted, str(model)):
            raise self._error(
                f"the model '{model}' answers instead of '{wanted}'; name the model that is meant "
                "as 'model' of the judge, or, if it is the same under another name, that name as "
                "'answers_as'"
            )
        refused = not answer["text"] or answer["finish"] == "content_filter"
        if body.get("logprobs") and not (answer["logprobs"] or refused or self.answered):
            raise self._error(
                "answers without token probabilities, although top_logprobs asks for them; choose "
                "a model and a server that give them, as vLLM and llama.cpp do"
            )

    def _refusal(self, reply: requests.Response, body: Mapping[str, Any]) -> Exception:
        status, told = reply.status_code, _told(reply)
        reason = f"HTTP {status}" + (f" {told.code}" if told.code else "")
        name = self.settings.key
        if status == 401 or (status == 403 and not self.answered):
            key = f"check the key in {name}" if name else "it needs a 'key'"
            return self._error(f"{reason}; {key}, and what it may use")
        if status == 402 or told.code == "insufficient_quota":
            return self._error(f"{reason}; the account behind the key in {name} has no credit left")
        if status in (404, 405) or 300 <= status < 400:
            return self._error(
                f"{reason}; check the model '{self.settings.model}' and the address: "
                f"{causes.ADDRESS}"
            )
        if status in (408, 409, 425, 429) or status >= 500:
            return _PassingError(Cause(reason), _seconds(reply.headers.get("Retry-After")))
        parameter = causes.refused_parameter(told, body)
        if parameter is not None and not self.answered:
            value = body[parameter]
            return self._error(
                f"{reason}: it does not take the parameter {parameter} (here {value!r}): "
                f"{self._quoted(told.message)}; change it under 'options' of the judge (null "
                "leaves it out), or choose another judge"
            )
        return UnansweredError(reason)

    def _quoted(self, message: str) -> str:
        """An endpoint's words on one line, without the key."""
        line = " ".join(message.split())
        if self._secret:
            line = line.replace(self._secret, "***")
        return line[:200]

    def _error(self, problem: str) -> InputError:
        return InputError(f"judge '{self.settings.name}' at {causes.shown(self.url)}: {problem}")

    def _session(self) -> Session:
        if not hasattr(self._local, "session"):
            # Servers on this machine are reached without a proxy, whatever the environment says.
            here = self.url.startswith("http://127.0.0.1")
            self._local.session = Session(proxies=not here)
        session: Session = self._local.session
        return session


def read_answer(reply: Mapping[str, Any], with_logprobs: bool) -> dict[str, Any]:
    """The part of a chat completion that is kept.

    ``logprobs`` is None where the server gave none, although asked; a token with a probability
    that is no number has none. A character that was cut in half becomes U+FFFD.

    Raises KeyError, IndexError, TypeError or ValueError if it is no complete chat completion.
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
    """The log-probabilities of a token's alternatives; of none if one of them is no number."""
    found = {mended(one["token"]): float(one["logprob"]) for one in token.get("top_logprobs") or ()}
    return {} if any(math.isnan(value) for value in found.values()) else found


def _told(reply: requests.Response) -> Refusal:
    try:
        return causes.refusal(reply.json())
    except ValueError:
        return Refusal()


def _seconds(value: str | None) -> float | None:
    """A Retry-After header in seconds; its date form is taken as absent."""
    try:
        return None if value is None else max(0.0, min(float(value), 600.0))
    except ValueError:
        return None
