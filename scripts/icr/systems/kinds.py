"""The interface of a system: a published method of making preferences, for the comparison."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from icr.registry import Registry


class System(ABC):
    """A published system. Never instantiated: it has only class attributes and methods."""

    title: ClassVar[str]
    """Its name."""
    paper: ClassVar[str]
    """Where it was published."""
    sees: ClassVar[str]
    """Its inputs beyond the policy's responses to the prompts of each language."""
    settings: ClassVar[Mapping[str, Any]] = {}
    """Its paper's settings, by their key in an experiment, such as ``training.learning_rate``, or
    in the run, such as ``sampling.n``. ``start`` is the name on the hub."""
    differences: ClassVar[tuple[str, ...]] = ()
    """Differences from the paper that every row has, in words."""

    @staticmethod
    @abstractmethod
    def makes(row: Any) -> bool:
        """Whether an experiment (icr.config.experiments.Experiment) makes its pairs this way."""

    @classmethod
    def differs(cls, row: Mapping[str, Any]) -> Iterator[str]:
        """An experiment's differences from the paper, in words; ``row`` is a plain mapping."""
        for key, paper in cls.settings.items():
            value: Any = row
            for part in key.split("."):
                value = value[part]
            if value != paper:
                yield f"{key} {_shown(value)} instead of {_shown(paper)}"
        yield from cls.differences


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


SYSTEMS = Registry[type[System]]("system")
