"""Settings as jobs receive them, and as Snakemake compares them with those of an earlier run.

A new setting must not rerun jobs that ran before it was added, but a changed default must. So a
setting is compared only if it differs from its first default, with which it was added:
``first_defaults.json`` holds these, and its entries are never changed. A setting without an entry
counts as new: its present default is its first.
"""

from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from icr.storage.files import read_json

FIRST_DEFAULTS = Path(__file__).with_name("first_defaults.json")


class Compared(dict[str, Any]):
    """Values of which Snakemake sees all but the ``silent`` ones: it compares printed parameters.

    A job receives all of them, as a plain dict.
    """

    def __init__(self, values: Mapping[str, Any], silent: Collection[str] = ()) -> None:
        super().__init__(values)
        self.silent = frozenset(silent)

    def __repr__(self) -> str:
        return repr({key: value for key, value in self.items() if key not in self.silent})

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return dict, (dict(self),)


def compared(
    section: BaseModel,
    include: Collection[str] | None = None,
    exclude: Collection[str] = (),
    more: Mapping[str, Any] | None = None,
) -> Compared:
    """A section of the configuration, with ``more`` added; settings at first defaults are silent.

    ``include`` and ``exclude`` select settings by name. What ``more`` holds is always compared.
    """
    more = more or {}
    names = [
        name
        for name in type(section).model_fields
        if (include is None or name in include) and name not in exclude
    ]
    plain = section.model_dump(include=set(names))
    values: dict[str, Any] = {}
    silent = set()
    for name in names:
        value = getattr(section, name)
        values[name] = compared(value) if isinstance(value, BaseModel) else plain[name]
        if first_default(type(section), name) == [visible(values[name])]:
            silent.add(name)
    return Compared({**values, **more}, silent - more.keys())


def first_default(kind: type[BaseModel], name: str) -> list[Any]:
    """The first default of a setting, in a list, which is empty if the setting is required."""
    key = f"{kind.__name__}.{name}"
    if key in _first_defaults():
        return [_first_defaults()[key]]
    return default(kind, name)


def default(kind: type[BaseModel], name: str) -> list[Any]:
    """The present default of a setting, as :func:`first_default` returns it."""
    field = kind.model_fields[name]
    if field.is_required():
        return []
    value = field.get_default(call_default_factory=True)
    return [visible(compared(value) if isinstance(value, BaseModel) else _plain(value))]


def visible(value: Any) -> Any:
    """The part of a value that Snakemake sees."""
    if isinstance(value, Compared):
        return {key: visible(item) for key, item in value.items() if key not in value.silent}
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return value


@cache
def _first_defaults() -> dict[str, Any]:
    defaults: dict[str, Any] = read_json(FIRST_DEFAULTS)
    return defaults
