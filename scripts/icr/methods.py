"""What the methods of a registry are: functions whose keyword-only parameters are settings."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

from icr.errors import InputError


class Method:
    """A function with the settings that it takes: its keyword-only parameters.

    Those in ``SHARED`` are keys of the configuration that several methods take, and need no
    default. Every other one is a setting of the method's own, with a default that says its type.
    """

    KIND: ClassVar[str]
    """What messages call it."""
    SHARED: ClassVar[frozenset[str]]

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__module__, self.__qualname__ = function.__module__, function.__qualname__
        self.__doc__ = function.__doc__
        taken = {
            name: parameter.default
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY
        }
        self.shared = taken.keys() & self.SHARED
        self.own = {name: taken[name] for name in taken.keys() - self.shared}
        """The method's own settings, with their defaults."""
        for name, default in self.own.items():
            if not isinstance(default, bool | int | float | str):
                raise InputError(
                    f"{self.KIND} function {function.__name__}: its setting '{name}' needs a "
                    "number, a text, true or false as its default"
                )

    @property
    def unused(self) -> frozenset[str]:
        """Shared settings that decide nothing for this method."""
        return self.SHARED - self.shared

    @property
    def title(self) -> str:
        """What the method is, in a few words: the first line of its docstring."""
        line = (self.function.__doc__ or self.function.__name__).strip().splitlines()[0]
        return f"{line[:1].lower()}{line[1:]}".removesuffix(".")

    def typed(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Settings of the method's own, each as the type of its default.

        Raises InputError for an unknown setting, or one of another type.
        """
        settings = {}
        for name, value in given.items():
            if name not in self.own:
                known = ", ".join(sorted(self.own)) or "none"
                raise InputError(f"'{name}' is no setting of this {self.KIND}; it has {known}")
            kind = type(self.own[name])
            if kind is float and type(value) is int:
                value = float(value)
            if type(value) is not kind:
                raise InputError(
                    f"'{name}' must be of the type {kind.__name__}, as its default "
                    f"{self.own[name]!r} is, and not {value!r}"
                )
            settings[name] = value
        return settings

    def bound(self, settings: Any, own: Mapping[str, Any]) -> Callable[..., Any]:
        """The function without its settings: the shared ones are attributes of ``settings``."""
        shared = {name: getattr(settings, name) for name in self.shared}
        return partial(self.function, **shared, **own)
