"""Ask a judge: concurrent requests, retried until answered, each answer stored at once."""

import os
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from icr.errors import InputError
from icr.judging.http import Endpoint, UnansweredError
from icr.judging.settings import JudgeSettings
from icr.storage.answers import Store, key_of
from icr.storage.progress import Progress
from icr.storage.text import has_half_characters


@dataclass(frozen=True)
class Request:
    """One question to a judge."""

    messages: Sequence[Mapping[str, str]]
    max_tokens: int
    temperature: float = 0.0
    top_logprobs: int | None = None
    """How many alternatives of each token to return with their log-probabilities."""
    parts: Sequence[str] = ()
    """Distinguishes this request from others with the same text; the judge does not see it."""


@dataclass(frozen=True)
class Verdict:
    """The outcome of a request: a text, or the reason why there is none."""

    text: str = ""
    logprobs: list[dict[str, float]] | None = None
    """For each token, its alternatives with their log-probabilities."""
    tokens_in: int = 0
    tokens_out: int = 0
    error: str | None = None
    """Why the judge did not answer."""


class Judge:
    """A judge whose answers are kept in a store.

    ``connect`` returns the endpoint's URL. It is called once, for the first request that is not in
    the store. If all are in the store, neither a server nor a key is needed.
    """

    def __init__(self, settings: JudgeSettings, store: Store, connect: Callable[[], str]) -> None:
        self.settings, self.store, self._connect = settings, store, connect
        self._endpoint: Endpoint | None = None

    def ask(self, requests: Sequence[Request]) -> list[Verdict]:
        """Verdicts in the order of the requests; equal requests are sent once.

        Raises InputError if the endpoint refuses the key or the model, or if more than
        ``tolerance`` of the requests stay unanswered; the answers so far are kept.
        """
        _check_texts(requests)
        bodies = {self._key(request): self._body(request) for request in requests}
        missing = [key for key in bodies if self.store.get(key) is None]
        known = len(bodies) - len(missing)
        print(f"{self.settings.name}: {len(bodies)} questions, {known} already answered")
        self._print_price([bodies[key] for key in missing])
        failed = self._ask_all({key: bodies[key] for key in missing}, allowed=len(bodies))
        return [self._verdict(self._key(request), failed) for request in requests]

    def _body(self, request: Request) -> dict[str, Any]:
        body = {
            "model": self.settings.model,
            "messages": [dict(message) for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
        }
        if request.top_logprobs is not None:
            body |= {"logprobs": True, "top_logprobs": request.top_logprobs}
        body |= self.settings.options
        return {name: value for name, value in body.items() if value is not None}

    def _key(self, request: Request) -> str:
        return key_of({"request": self._body(request), "parts": list(request.parts)})

    def _ask_all(self, bodies: Mapping[str, dict[str, Any]], allowed: int) -> dict[str, str]:
        """Ask and store; returns the reasons of unanswered requests, by key.

        Requests are sent one by one until the first answer, so that a misconfigured judge fails
        before the rest is paid for; shortest first, since a long one can fail for its length.
        """
        failed: dict[str, str] = {}
        if not bodies:
            return failed
        if self._endpoint is None:
            self._endpoint = Endpoint(self._connect(), self.settings, self._secret())
        limit = self.settings.tolerance * allowed
        progress = Progress(len(bodies), f"asking {self.settings.name}")
        waiting = sorted(bodies, key=lambda key: len(str(bodies[key]["messages"])))
        while waiting:
            count = len(waiting) if self._endpoint.answered else 1
            now, waiting = waiting[:count], waiting[count:]
            with closing(self._together(self._endpoint, now, bodies)) as outcomes:
                for key, reason in outcomes:
                    progress.step()
                    if reason is not None:
                        failed[key] = reason
                        self._check(failed, limit, len(bodies))
        return failed

    def _together(
        self, endpoint: Endpoint, keys: Sequence[str], bodies: Mapping[str, dict[str, Any]]
    ) -> Generator[tuple[str, str | None]]:
        """Yield each key when it is done, with the reason if unanswered; answers are stored."""

        def ask_one(key: str) -> str | None:
            try:
                answer = endpoint.answer(bodies[key])
            except UnansweredError as reason:
                return str(reason)
            self.store.add(
                {"key": key, "judge": self.settings.name, "asked": bodies[key], **answer}
            )
            return None

        endpoint.resume()
        pool = ThreadPoolExecutor(self.settings.concurrency)
        try:
            asked = {pool.submit(ask_one, key): key for key in keys}
            for done in as_completed(asked):
                yield asked[done], done.result()
        finally:
            endpoint.stop()
            pool.shutdown(wait=True, cancel_futures=True)

    def _print_price(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Print an upper estimate of the price, at four bytes per token."""
        price = self.settings.price
        if price is None or not bodies:
            return
        size = sum(len(m["content"].encode()) for body in bodies for m in body["messages"])
        limits = ("max_tokens", "max_completion_tokens")
        answers = sum(max(body.get(limit, 0) for limit in limits) for body in bodies)
        cost = (price["input"] * size / 4 + price["output"] * answers) / 1e6
        print(f"{self.settings.name}: about {cost:.2f} USD or less for {len(bodies)} questions")

    def _check(self, failed: Mapping[str, str], limit: float, total: int) -> None:
        if len(failed) <= limit:
            return
        reasons = ", ".join(f"{n} x {reason}" for reason, n in Counter(failed.values()).items())
        raise InputError(
            f"judge '{self.settings.name}' left {len(failed)} of {total} questions unanswered "
            f"({reasons}). What it answered is kept in {self.store.path}; run again to ask the "
            f"rest, or raise 'tolerance' of the judge (now {self.settings.tolerance})"
        )

    def _secret(self) -> str | None:
        name = self.settings.key
        if name is None:
            return None
        if not os.environ.get(name):
            raise InputError(
                f"judge '{self.settings.name}' needs a key in the environment variable {name}, "
                "which is not set"
            )
        secret = os.environ[name]
        if not all("!" <= character <= "~" for character in secret):
            problem = (
                "a line break"
                if {"\n", "\r"} & set(secret)
                else "a space"
                if " " in secret
                else "a character that no key has"
            )
            raise InputError(
                f"judge '{self.settings.name}': the key in the environment variable {name} holds "
                f"{problem}, which cannot be sent; set it to the key and nothing else"
            )
        return secret

    def _verdict(self, key: str, failed: Mapping[str, str]) -> Verdict:
        answer = self.store.get(key)
        if answer is None:
            return Verdict(error=failed[key])
        return Verdict(
            answer["text"],
            answer["logprobs"],
            answer["tokens"]["input"],
            answer["tokens"]["output"],
        )


def _check_texts(requests: Sequence[Request]) -> None:
    """Raise InputError for a question that cannot be sent."""
    for number, request in enumerate(requests, start=1):
        for message in request.messages:
            if has_half_characters(message["content"]):
                raise InputError(
                    f"question {number} of {len(requests)} to the judge holds half of a character, "
                    f"in {message['content'][:200]!a}; fix the text that it is made from"
                )


def spent(verdicts: Sequence[Verdict], price: Mapping[str, float] | None) -> dict[str, Any]:
    """``tokens`` (input, output) and ``price`` in USD; None without configured prices."""
    tokens = {
        "input": sum(verdict.tokens_in for verdict in verdicts),
        "output": sum(verdict.tokens_out for verdict in verdicts),
    }
    cost = None
    if price is not None:
        cost = round(sum(price[side] * n for side, n in tokens.items()) / 1e6, 6)
    return {"tokens": tokens, "price": cost}
