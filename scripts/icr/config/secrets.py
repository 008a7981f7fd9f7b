"""Keys and passwords that stand in the configuration, where every job and result repeats it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

# How the keys of well-known services begin. A run of characters without a dash follows, longer than
# the words of which names are made.
_KEY = re.compile(
    r"\b(?:sk|gsk|hf|xai|nvapi|ghp|gho|glpat|pplx)[-_](?:[A-Za-z0-9]+[-_])*"
    r"(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}[A-Za-z0-9_-]*"
    r"|\bAIza[A-Za-z0-9_-]{20,}|\bBearer\s+\S{8,}",
)
_USER = re.compile(r"(://)[^/?#\s@]+@")
_QUERY = re.compile(
    r"([?&](?:api[-_]?key|key|token|access[-_]?token|sig|signature)=)[^&#\s]+", re.IGNORECASE
)
_NAMES = {"apikey", "authorization", "credential", "credentials", "password", "secret", "token"}
"""Settings that would hold a secret, in lower-case letters alone. No section has one."""
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
"""The name of an environment variable; keys have lower-case letters or dashes in them."""


def hidden(text: str) -> str:
    """A text with what looks like a secret in it replaced."""
    text = _KEY.sub("***", text)
    return _QUERY.sub(r"\1***", _USER.sub(r"\1***@", text))


def secret_problems(raw: Mapping[str, Any]) -> list[str]:
    """One line for each place of a configuration that holds a secret, which no line repeats."""
    judges = raw.get("judges")
    named = judges.items() if isinstance(judges, Mapping) else ()
    found = [
        f"judges.{hidden(str(name))}.key: must be the name of an environment variable in capitals, "
        "such as OPENAI_API_KEY; the key itself belongs into that variable and into no file"
        for name, judge in named
        if isinstance(judge, Mapping)
        and "key" in judge
        and not (judge["key"] is None or VARIABLE.fullmatch(str(judge["key"])))
    ]
    for path, value in _leaves(raw):
        where = hidden(".".join(path))
        if path[0] == "judges" and path[2:] == ("key",):
            continue
        if hidden(value) != value or any(hidden(part) != part for part in path):
            found.append(
                f"{where}: holds what looks like a key or a password, which jobs would repeat; "
                "take it out (a judge's belongs into an environment variable, named as its 'key')"
            )
        elif any(re.sub("[^a-z]", "", part.lower()) in _NAMES for part in path):
            found.append(
                f"{where}: no setting takes a secret; take it out (a judge's belongs into an "
                "environment variable, named as its 'key')"
            )
    return found


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """All texts of a configuration, each with the keys that lead to it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*path, str(place)))
    elif isinstance(value, str):
        yield path or ("configuration",), value
