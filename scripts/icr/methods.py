"""Methods of a registry: functions whose keyword-only parameters are settings."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar

from icr.errors import InputError


class Method:
    """A function and its settings, which are its keyword-only parameters.

    Parameters in ``SHARED`` are keys of the configuration that several methods take; they need no
    default. All others are the method's own settings; the default of each gives its type.
    """

    KIND: ClassVar[str]
    """The name of this kind of method in messages."""
    SHARED: ClassVar[frozenset[str]]
    """Names of the shared settings."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__module__, self.__qualname__ = function.__module__, function.__qualname__
        self.__doc__ = function.__doc__
        defaults = {
            name: parameter.default
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY
        }
        self.shared = defaults.keys() & self.SHARED
        self.own = {name: defaults[name] for name in defaults.keys() - self.shared}
        """The method's own settings, with their defaults."""
        for name, default in self.own.items():
            if not isinstance(default, bool | int | float | str):
                raise InputError(
                    f"{self.KIND} function {function.__name__}: its setting '{name}' needs a "
                    "number, a string or a boolean as its default"
                )

    @property
    def unused(self) -> frozenset[str]:
        """Shared settings that this method does not take."""
        return self.SHARED - self.shared

    @property
    def title(self) -> str:
        """A short description of the method: the first line of its docstring."""
        line = (self.function.__doc__ or self.function.__name__).strip().splitlines()[0]
        return f"{line[:1].lower()}{line[1:]}".removesuffix(".")

    def typed(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The method's own settings, each converted to the type of its default.

        Raises InputError for an unknown setting or a value of another type.
        """
        typed = {}
        for name, value in settings.items():
            if name not in self.own:
                known = ", ".join(sorted(self.own)) or "none"
                raise InputError(f"'{name}' is not a setting of this {self.KIND}; known: {known}")
            kind = type(self.own[name])
            if kind is float and type(value) is int:
                value = float(value)
            if type(value) is not kind:
                raise InputError(
                    f"'{name}' is {value!r}; it must be of type {kind.__name__}, like its default "
                    f"{self.own[name]!r}"
                )
            typed[name] = value
        return typed

    def bound(self, settings: Any, own: Mapping[str, Any]) -> Callable[..., Any]:
        """The function with its settings bound; shared ones are attributes of ``settings``."""
        shared = {name: getattr(settings, name) for name in self.shared}
        return partial(self.function, **shared, **own)
