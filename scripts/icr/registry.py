"""Registries: the methods of one kind by the names that the configuration uses.

A method registers itself when its module is imported::

    LOSSES = Registry[Loss]("loss")

    @LOSSES.register("dpo")
    @PairLoss
    def dpo(...): ...
"""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from icr.errors import InputError

Entry = TypeVar("Entry")


class Registry(Generic[Entry]):
    """Methods of one kind by name. An entry is a function or a class, or wraps one."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, Entry] = {}

    def register(self, name: str) -> Callable[[Entry], Entry]:
        """Decorator that registers an entry. Raises InputError if the name is taken."""

        def add(entry: Entry) -> Entry:
            if name in self._entries:
                raise InputError(
                    f"{self.kind} '{name}' is registered twice, by {definition(self[name])} and "
                    f"{definition(entry)}; rename one of them"
                )
            self._entries[name] = entry
            return entry

        return add

    def __getitem__(self, name: str) -> Entry:
        """The entry registered as ``name``. Raises InputError listing the known names."""
        if name not in self._entries:
            raise InputError(f"unknown {self.kind} '{name}'; known: {', '.join(self)}")
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def others(self, name: str) -> frozenset[str]:
        """Dotted names of the definitions of all entries but this one.

        A fingerprint that omits them also omits what only they refer to.
        """
        selected = self[name]
        return frozenset(
            definition(entry) for entry in self._entries.values() if entry is not selected
        )


def definition(entry: Any) -> str:
    """The dotted name of the function or class that an entry is or wraps."""
    return f"{entry.__module__}.{entry.__qualname__}"
