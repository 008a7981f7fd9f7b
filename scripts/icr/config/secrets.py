"""Detection of API keys and passwords in the configuration, which jobs and results repeat."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

# Prefixes of the API keys of well-known services, followed by a run of characters without a dash
# that is longer than the words in names.
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
"""Names of settings that would hold a secret, lower-case letters only. No section has one."""
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
"""The name of an environment variable; API keys have lower-case letters or dashes."""


def hidden(text: str) -> str:
    """A text with everything that looks like a secret replaced by ``***``."""
    text = _KEY.sub("***", text)
    return _QUERY.sub(r"\1***", _USER.sub(r"\1***@", text))


def secret_problems(raw: Mapping[str, Any]) -> list[str]:
    """One line for each setting that holds a secret; no line repeats the secret."""
    judges = raw.get("judges")
    problems = [
        f"judges.{hidden(str(name))}.key: must be the name of an environment variable in capitals, "
        "such as OPENAI_API_KEY; set that variable to the key itself, and write it in no file"
        for name, judge in (judges.items() if isinstance(judges, Mapping) else ())
        if isinstance(judge, Mapping)
        and "key" in judge
        and not (judge["key"] is None or VARIABLE.fullmatch(str(judge["key"])))
    ]
    for path, value in _leaves(raw):
        where = hidden(".".join(path))
        if path[0] == "judges" and path[2:] == ("key",):
            continue
        if hidden(value) != value or any(hidden(part) != part for part in path):
            problems.append(
                f"{where}: holds what looks like an API key or a password, which jobs would "
                "repeat; remove it (a judge's API key belongs in an environment variable, named "
                "as 'key')"
            )
        elif any(re.sub("[^a-z]", "", part.lower()) in _NAMES for part in path):
            problems.append(
                f"{where}: no setting takes a secret; remove it (a judge's API key belongs in an "
                "environment variable, named as 'key')"
            )
    return problems


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """All texts of a configuration, each with its path of keys."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, str(index)))
    elif isinstance(value, str):
        yield path or ("configuration",), value
