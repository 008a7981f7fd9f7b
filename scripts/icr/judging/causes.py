"""Why an endpoint gave no answer, and what to change."""

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
"""Resolver errors for a name that does not exist; other resolver errors may be transient."""


@dataclass(frozen=True)
class Cause:
    """The cause of a failed request."""

    reason: str
    """Short, and equal for all requests with this cause, so that they can be counted."""
    advice: str = ""
    """What to change, if the endpoint or its address is wrong."""
    permanent: bool = False
    """Whether another attempt would fail too."""


@dataclass(frozen=True)
class Refusal:
    """An endpoint's error message."""

    code: str = ""
    """The endpoint's name of the error, such as ``context_length_exceeded``."""
    parameter: str = ""
    message: str = ""


def without_secrets(url: str) -> str:
    """The URL without user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def of_failure(error: OSError, seconds: float) -> Cause:
    """Why a request with a timeout of ``seconds`` got no reply. Quotes nothing of the request."""
    chain = list(_chain(error))
    for kind, cause in _FAILURES:
        for link in chain:
            if isinstance(link, kind):
                return cause(link)
    if isinstance(error, requests.Timeout):
        return Cause("timeout", f"raise 'timeout' of the judge (now {seconds:g} s)")
    return Cause("broken connection")


def of_body(content: bytes) -> Cause:
    """Why a reply with status 200 is not a chat completion."""
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
    refusal = read_refusal(reply)
    if refusal.code or refusal.message:
        return Cause(f"error {refusal.code}".strip())
    return Cause("no chat completion", ADDRESS)


def read_refusal(reply: Any) -> Refusal:
    """The refusal in an error's JSON, in the formats of OpenAI, vLLM and others."""
    if not isinstance(reply, Mapping):
        return Refusal()
    error = reply.get("error", reply)
    if isinstance(error, str):
        return Refusal(message=error)
    detail = reply.get("detail")
    if isinstance(detail, list) and detail and isinstance(detail[0], Mapping):
        location = [str(key) for key in detail[0].get("loc", ()) if key != "body"]
        return Refusal(parameter="".join(location[:1]), message=str(detail[0].get("msg", "")))
    if not isinstance(error, Mapping):
        return Refusal()
    codes = [str(error.get(key) or "") for key in ("code", "type")]
    names = [code for code in codes if code and not code.isdigit() and code != "None"]
    return Refusal(
        code=(names or [""])[0][:60],
        parameter=str(error.get("param") or ""),
        message=str(error.get("message") or ""),
    )


def refused_parameter(refusal: Refusal, body: Mapping[str, Any]) -> str | None:
    """The request parameter that was refused; None if the refusal is about the question.

    If the refusal has no parameter field, its message is searched for a parameter's name.
    """
    known = [key for key in body if key not in ("messages", "model")]
    if refusal.parameter:
        first = re.split(r"[.\[]", refusal.parameter)[0]
        return first if first in known else None
    mentioned = [
        key
        for key in sorted(known, key=len, reverse=True)
        if re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", refusal.message)
        # Everyday words ("stop") count only in quotes.
        and ("_" in key or re.search(rf"['\"`]{re.escape(key)}['\"`]", refusal.message))
    ]
    return mentioned[0] if mentioned else None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all errors that it wraps, as requests and urllib3 wrap them."""
    seen: set[int] = set()
    queue: list[Any] = [error]
    while queue:
        link = queue.pop(0)
        if isinstance(link, BaseException) and id(link) not in seen:
            seen.add(id(link))
            yield link
            queue += [*link.args, getattr(link, "reason", None), link.__cause__, link.__context__]


def _certificate(error: Any) -> Cause:
    problem = str(getattr(error, "verify_message", "") or "not valid").partition(",")[0]
    return Cause(
        f"TLS certificate refused ({problem})",
        "it must be valid for this host and signed by an authority that this machine trusts; "
        "REQUESTS_CA_BUNDLE can name a file with your site's certificates",
        permanent=True,
    )


def _tls(error: Any) -> Cause:
    problem = str(error.reason or "no handshake").lower().replace("_", " ")
    is_plain_http = problem in (
        "wrong version number",
        "record layer failure",
        "packet length too long",
    )
    return Cause(
        f"TLS failed ({problem})",
        "an endpoint without TLS is reached by http://, not https://",
        permanent=is_plain_http,
    )


def _name(error: Any) -> Cause:
    return Cause(
        "host name not resolved",
        "check the host in 'api', and that this machine can reach it",
        permanent=error.errno in UNKNOWN_NAMES,
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
        lambda _: Cause("no address", ADDRESS, permanent=True),
    ),
]
"""Causes by type of error; the first type that occurs in the chain decides."""
