"""Multilingual MT-Bench, and reward accuracy."""

from pydantic import Field

from icr.config.base import Languages, Name, Section
from icr.config.evaluated import Evaluated


class MtBench(Evaluated):
    """Two-turn questions, each answer graded from 1 to 10 (Section 5.1)."""

    questions: Name
    judge: Name
    count: int | None = Field(None, gt=0)
    """Number of questions, from the first; null: all."""
    max_tokens: int = Field(1024, gt=0)
    """Maximum tokens of an answer; 1024 in the benchmark's own scripts."""
    judge_tokens: int = Field(2048, gt=0)
    """Maximum tokens of a grading."""


class RewardAccuracy(Section):
    """How often a judge prefers the chosen response (Section 4.2, Table 1)."""

    judge: Name
    pairs: int = Field(100, gt=0)
    """Pairs drawn per language; all if an iteration has fewer."""
    experiments: list[Name] = Field(min_length=1)
    """Iterations whose pairs are judged, such as ``main-1``."""
    languages: Languages = Field(default_factory=list)
    """Restriction to these languages; empty: all languages of the experiment."""
    judge_tokens: int = Field(512, gt=0)
    """Maximum tokens of a verdict."""
