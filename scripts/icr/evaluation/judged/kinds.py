"""The base classes of judged benchmarks: all that workflow, tables and report know of them."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from icr.evaluation.measures import Measure
from icr.registry import Registry
from icr.workflow.resources import PROMPT, SHARE


@dataclass(frozen=True)
class Requests:
    """Requests to a judge about one language of one policy, estimated for time limits and costs."""

    count: int
    tokens_in: int
    """Tokens of a request."""
    tokens_out: int
    """Tokens of a verdict."""


@dataclass(frozen=True)
class Average:
    """A column of the report's summary: a mean over languages."""

    heading: str
    metric: str
    """Key in metrics.json; the standard error has the same key with ``_se``."""
    format: str
    english: bool = False
    """Whether the column is for English, or for the mean of the other languages."""


class Judged:
    """A benchmark whose verdicts come from a judge.

    Its results are in ``results/{run}/{name}``, under the name by which it is registered. Classes
    are never instantiated: each is one benchmark.
    """

    measures: ClassVar[Mapping[str, Measure]]
    """Columns of tables, by the names that tables use."""
    averages: ClassVar[Sequence[Average]]
    """Columns of the report's summary."""
    caption: ClassVar[str]
    """Caption of the benchmark's figure in the report."""
    alternative: ClassVar[str]
    """Alternative text of the figure."""
    answers: ClassVar[str] = "answers"
    """Folder below ``results/{run}/{name}/{policy}`` whose files policies make by answering."""
    of_pairs: ClassVar[bool] = False
    """Whether pairs of iterations are judged, instead of policies' answers to questions."""
    together: ClassVar[bool] = False
    """Whether one job asks the judge in all languages of a policy. All policies then have the same
    languages."""

    @staticmethod
    def responses(section: Any) -> tuple[int, int]:
        """Number of responses of a policy in one language, and the token limit of each.

        ``section`` is the benchmark's section of the configuration. Responses are taken to fill
        :data:`icr.workflow.resources.SHARE` of the limit.
        """
        raise NotImplementedError

    @staticmethod
    @abstractmethod
    def requests(section: Any, sampled_tokens: int) -> Requests:
        """Requests to the judge about one language; ``sampled_tokens`` limit responses in pairs."""


JUDGED = Registry[type[Judged]]("judged benchmark")


def section_key(name: str) -> str:
    """The start of the names of a benchmark's rules; its key in ``evaluation`` if it is shipped."""
    return name.replace("-", "_").replace(".", "_")


@dataclass(frozen=True)
class Question:
    """A question with one turn."""

    id: str
    """Unique within the language."""
    language: str
    """ISO 639-1 code."""
    text: str
    reference: str | None = None
    """The reference answer, if the question set has references."""


class SingleTurn(Judged):
    """Single-turn questions, each answer graded by itself.

    A user's own benchmark is a subclass with :attr:`column`, :attr:`title`, :attr:`caption`,
    :meth:`messages` and :meth:`parse`. It is evaluated where the configuration has a row of its
    name under ``evaluation.own``. Its metrics hold ``score``, the mean of what :meth:`parse`
    returns, and the standard error ``score_se``.
    """

    together = True
    column: ClassVar[str]
    """What tables call the mean score."""
    title: ClassVar[str]
    """The heading of its column, and what figures call it."""
    digits: ClassVar[int] = 2
    """Decimals in tables and the report."""
    lower_is_better: ClassVar[bool] = False
    questions: ClassVar[int] = 805
    """About how many questions a language has, for time limits and costs; ``count`` of the row
    takes precedence."""
    needs_references: ClassVar[bool] = False
    """Whether the question set must have reference answers."""

    def __init_subclass__(cls) -> None:
        measure = Measure(
            "score",
            "score_se",
            cls.digits,
            "questions.csv",
            "id",
            "score",
            heading=cls.title,
            lower_is_better=cls.lower_is_better,
        )
        form = f".{cls.digits}f"
        cls.measures = {cls.column: measure}
        cls.averages = (
            Average(f"{cls.title}, English", "score", form, english=True),
            Average(f"{cls.title}, other languages", "score", form),
        )
        cls.alternative = f"Bars: {cls.title}, by language and policy."

    @staticmethod
    @abstractmethod
    def messages(question: Question, answer: str) -> list[dict[str, str]]:
        """The request to the judge about one answer, as messages with ``role`` and ``content``."""

    @staticmethod
    @abstractmethod
    def parse(text: str) -> float | None:
        """The score in a verdict; None if there is none, which is counted as unparsed."""

    @classmethod
    def responses(cls, section: Any) -> tuple[int, int]:
        """One answer to each question."""
        return section.count or cls.questions, section.decoding.max_tokens

    @classmethod
    def requests(cls, section: Any, sampled_tokens: int) -> Requests:
        """One request about each answer."""
        read = 2 * PROMPT + int(section.decoding.max_tokens * SHARE)
        written = max(1, int(section.judge_tokens * SHARE))
        return Requests(section.count or cls.questions, read, written)
