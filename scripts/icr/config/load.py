"""From the YAML that Snakemake read to the checked configuration."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from icr.config.root import Config
from icr.errors import InputError


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``changes`` laid over it, mapping by mapping; lists are replaced whole."""
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = merged(old, value)
        result[key] = value
    return result


def load_config(raw: Mapping[str, Any]) -> Config:
    """The typed configuration. Every experiment is completed from ``main``.

    Raises InputError with one line per problem: where it is, what is wrong, what would be right.
    """
    experiments = raw.get("experiments")
    if not isinstance(experiments, Mapping) or not isinstance(experiments.get("main"), Mapping):
        raise InputError("configuration: 'experiments' must hold a row named 'main'")
    main = dict(experiments["main"])
    completed = {
        name: merged(main, row or {}) if isinstance(row, Mapping | None) else row
        for name, row in experiments.items()
    }
    try:
        return Config.model_validate({**raw, "experiments": completed})
    except ValidationError as error:
        raise InputError(_explain(error)) from None


def _explain(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"]) or "configuration"
        message = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "extra_forbidden":
            message = "unknown key; see config/schema.json for the known ones"
        elif problem["type"] == "missing":
            message = "this key is required"
        elif "input" in problem and not isinstance(problem["input"], dict | list):
            message += f" (found {problem['input']!r})"
        lines += [message] if where == "configuration" else [f"{where}: {message}"]
    return "The configuration has problems:\n" + "\n".join(f"  - {line}" for line in lines)
