"""What a pairing is: a pure function that chooses two responses, what it reads, what it costs."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd
from numpy.typing import NDArray

from icr.methods import Method
from icr.pairing.alpha import Alpha, Floats, Integers
from icr.registry import Registry


@dataclass(frozen=True)
class Candidates:
    """The prompts of one language to which at least two responses take part."""

    language: str
    ids: Sequence[str]
    """Of the prompts."""
    rewards: Floats
    """Shape (prompts, responses); NaN marks a response that takes no part."""
    lengths: Floats
    """Of the responses' texts, in characters; the same shape."""


@dataclass(frozen=True)
class Choice:
    """What a pairing chose. Arrays have shape (prompts,)."""

    chosen: Integers
    """Place of the chosen response among those to its prompt. Its reward, less the length penalty,
    must be at least that of the rejected one."""
    rejected: Integers
    alpha: Alpha | None = None
    """The length penalty under which it chose, if it has one."""
    left_out: NDArray[Any] | None = None
    """True for prompts that get no pair; none by default."""


@dataclass(frozen=True)
class Answers:
    """Greedy answers to the prompts of one language: tables of a row a prompt, by language."""

    own: pd.DataFrame
    """Greedy answers to this language's prompts."""
    translations: Mapping[str, pd.DataFrame]
    """The answers in other languages, translated into this one; ``failed`` says why one is not."""
    backward: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """The own answers, translated into those languages, where the pairing reads them."""
    english: pd.DataFrame | None = None
    """The English answers, where the pairing reads them."""


@dataclass(frozen=True)
class Comparison:
    """Two answers to each prompt, of which one is preferred."""

    other: str
    """The language from which the translated ones come."""
    chosen: pd.DataFrame
    """Rows as those of :class:`Answers`, in the order of ``Answers.own``."""
    rejected: pd.DataFrame
    failed: "pd.Series[bool]"
    """True for prompts without a pair for want of a translation."""


@dataclass(frozen=True)
class AnswersRead:
    """Which answers the pairs of one language are made of, besides its own."""

    translated_from: Sequence[str]
    """Languages whose answers are translated into this one."""
    backward: bool = False
    """Whether its own answers, translated into those languages, are read too."""
    english: bool = False
    """Whether the English answers are."""


class Pairing(Method):
    """How two responses are chosen, as a function with the settings that it takes.

    Keyword-only parameters in ``SHARED`` are keys of the configuration; every other one is a
    setting of the pairing's own, a key of ``pairs.settings``.
    """

    KIND = "pairing"
    rewarded: ClassVar[bool]
    """Whether it reads samples with their rewards, or else greedy answers."""

    @abstractmethod
    def responses(self, prompts: int, languages: int, samples: int) -> int:
        """How many responses its job reads for one language: what the job costs."""


class RewardPairing(Pairing):
    """A pairing by rewards; its function takes :class:`Candidates` and returns a :class:`Choice`.

    It may take ``penalty`` (``length_penalty.mode``), ``beta`` (``reward.beta``) and
    ``upper_bound``.
    """

    SHARED = frozenset({"beta", "penalty", "upper_bound"})
    rewarded = True

    def responses(self, prompts: int, languages: int, samples: int) -> int:
        """All samples of the language."""
        return prompts * samples


def all_others(language: str, languages: Sequence[str], switches: Any) -> AnswersRead:
    """The translations from all other languages."""
    return AnswersRead([other for other in languages if other != language])


class AnswerPairing(Pairing):
    """A pairing of greedy answers with translated ones.

    Its function takes :class:`Answers` and the language, and gives a :class:`Comparison` for each
    other language. It may take ``failed`` and ``untranslated`` of ``pairs.lidr``. Without more it
    reads the translations from all other languages; :meth:`reading` says otherwise.
    """

    SHARED = frozenset({"failed", "untranslated"})
    rewarded = False
    reads: Callable[[str, Sequence[str], Any], AnswersRead] = staticmethod(all_others)
    """From a language, the experiment's languages and ``pairs.lidr`` to what is read."""

    @classmethod
    def reading(
        cls, reads: Callable[[str, Sequence[str], Any], AnswersRead]
    ) -> Callable[[Callable[..., Iterable[Comparison]]], "AnswerPairing"]:
        """Decorator that makes a pairing which reads what ``reads`` says."""

        def make(function: Callable[..., Iterable[Comparison]]) -> "AnswerPairing":
            pairing = cls(function)
            pairing.reads = reads  # type: ignore[method-assign]
            return pairing

        return make

    def responses(self, prompts: int, languages: int, samples: int) -> int:
        """One answer in the language, and one translated from each other."""
        return prompts * languages


PAIRINGS = Registry[Pairing]("pairing")
