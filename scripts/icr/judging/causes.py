"""Why an endpoint gave no answer, and what would be right."""

import errno
import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

ADDRESS = "'api' is the address up to and without /chat/completions, and often ends in /v1"
UNKNOWN_NAMES = {socket.EAI_NONAME, socket.EAI_FAIL, getattr(socket, "EAI_NODATA", -5)}
"""How a resolver says that a name does not exist; other failures of it may pass."""


@dataclass(frozen=True)
class Cause:
    """A failure of a request."""

    reason: str
    """Short, and the same for every request that meets it, so that it can be counted."""
    advice: str = ""
    """What would be right, where it is the endpoint or its address that is not."""
    lasting: bool = False
    """Another try would meet it too."""


@dataclass(frozen=True)
class Refusal:
    """What an endpoint says about a request that it does not answer."""

    code: str = ""
    """Its own short name of the error, such as ``context_length_exceeded``."""
    parameter: str = ""
    message: str = ""


def shown(url: str) -> str:
    """A URL without what may be secret in it: user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def of_failure(error: OSError, seconds: float) -> Cause:
    """Why a request that may take ``seconds`` brought no reply. Quotes nothing of the request."""
    chain = list(_chain(error))
    for kind, cause in _FAILURES:
        for link in chain:
            if isinstance(link, kind):
                return cause(link)
    if isinstance(error, requests.Timeout):
        return Cause("timeout", f"raise 'timeout' of the judge (now {seconds:g} s)")
    return Cause("broken connection")


def of_body(content: bytes) -> Cause:
    """Why a reply with status 200 is no chat completion."""
    text = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        return Cause("empty reply", ADDRESS)
    if text.startswith(b"<"):
        return Cause("HTML instead of JSON", ADDRESS)
    try:
        reply = json.loads(text)
    except ValueError:
        return Cause("no JSON", ADDRESS)
    if isinstance(reply, dict) and reply.get("choices"):
        return Cause(
            "an answer without text",
            "a model that thinks before it answers needs more tokens than a verdict has: choose "
            "another judge",
        )
    told = refusal(reply)
    if told.code or told.message:
        return Cause(f"error {told.code}".strip())
    return Cause("no chat completion", ADDRESS)


def refusal(reply: Any) -> Refusal:
    """What the JSON of an error says, in the forms that OpenAI, vLLM and others give it."""
    if not isinstance(reply, Mapping):
        return Refusal()
    error = reply.get("error", reply)
    if isinstance(error, str):
        return Refusal(message=error)
    detail = reply.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], Mapping):
        places = [str(place) for place in detail[0].get("loc", ()) if place != "body"]
        return Refusal(parameter="".join(places[:1]), message=str(detail[0].get("msg", "")))
    if not isinstance(error, Mapping):
        return Refusal()
    codes = [str(error.get(key) or "") for key in ("code", "type")]
    named = [code for code in codes if code and not code.isdigit() and code != "None"]
    return Refusal(
        code=(named or [""])[0][:60],
        parameter=str(error.get("param") or ""),
        message=str(error.get("message") or ""),
    )


def refused_parameter(told: Refusal, body: Mapping[str, Any]) -> str | None:
    """The parameter of a request that its refusal is about; None if it is about the question.

    An error that does not say may name it in its message.
    """
    known = [key for key in body if key not in ("messages", "model")]
    if told.parameter:
        first = re.split(r"[.\[]", told.parameter)[0]
        return first if first in known else None
    named = [
        key
        for key in sorted(known, key=len, reverse=True)
        if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", told.message)
        # Words of everyday language count where they are quoted.
        and ("_" in key or re.search(rf"['\"`]{re.escape(key)}['\"`]", told.message))
    ]
    return named[0] if named else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it wraps, as requests and urllib3 wrap them."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        link = waiting.pop(0)
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]


def _certificate(error: Any) -> Cause:
    told = str(getattr(error, "verify_message", "") or "not valid").partition(",")[0]
    return Cause(
        f"TLS certificate refused ({told})",
        "it must be valid for this host and signed by an authority that this machine trusts; "
        "REQUESTS_CA_BUNDLE may name a file with your site's",
        lasting=True,
    )


def _tls(error: Any) -> Cause:
    told = str(error.reason or "no handshake").lower().replace("_", " ")
    plain = told in ("wrong version number", "record layer failure", "packet length too long")
    return Cause(
        f"TLS failed ({told})",
        "an endpoint without TLS is reached by http://, not https://",
        lasting=plain,
    )


def _name(error: Any) -> Cause:
    return Cause(
        "host name not resolved",
        "check the host in 'api', and that this machine may reach it",
        lasting=error.errno in UNKNOWN_NAMES,
    )


def _system(error: Any) -> Cause:
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return Cause("host not reachable", "check the host in 'api', and this machine's network")
    return Cause("broken connection")


_FAILURES: list[tuple[type[BaseException], Any]] = [
    (
        requests.exceptions.ProxyError,
        lambda _: Cause(
            "the proxy gave no connection", "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
        ),
    ),
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLError, _tls),
    (socket.gaierror, _name),
    (
        ConnectionRefusedError,
        lambda _: Cause(
            "connection refused", "nothing listens there; check host and port, and start the server"
        ),
    ),
    (
        requests.ConnectTimeout,
        lambda _: Cause("no connection in time", "check host and port, and the firewalls between"),
    ),
    (
        requests.exceptions.InvalidURL,
        lambda _: Cause("no address", ADDRESS, lasting=True),
    ),
]
"""Kinds of errors, what matters first: the cause is the first that is found in the chain."""
