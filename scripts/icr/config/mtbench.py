"""Multilingual MT-Bench, and the accuracy of rewards."""

from pydantic import Field

from icr.config.base import Languages, Name, Section
from icr.config.evaluated import Evaluated


class MtBench(Evaluated):
    """Two-turn questions, each answer graded from 1 to 10 (Section 5.1)."""

    questions: Name
    judge: Name
    count: int | None = Field(None, gt=0)
    """The first questions only; none: all."""
    max_tokens: int = Field(1024, gt=0)
    """Of one answer; 1024 in the benchmark's own scripts."""
    judge_tokens: int = Field(2048, gt=0)
    """Of one grading."""


class RewardAccuracy(Section):
    """Whether the judge prefers what the reward preferred (Section 4.2, Table 1)."""

    judge: Name
    pairs: int = Field(100, gt=0)
    """Pairs drawn in each language; all if an iteration has fewer."""
    experiments: list[Name] = Field(min_length=1)
    """Iterations whose pairs are judged, as ``main-1``."""
    languages: Languages = Field(default_factory=list)
    """At most these; none: all of the experiment."""
    judge_tokens: int = Field(512, gt=0)
    """Of one verdict."""
