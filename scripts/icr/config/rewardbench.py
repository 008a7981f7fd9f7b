"""Accuracy of rewards on preference triples."""

from typing import Self

from pydantic import Field, model_validator

from icr.config.base import Languages, Name, Section


class ImplicitReward(Section):
    """A policy whose log-probabilities, less those of a reference, are a reward."""

    policy: Name
    """A base model or an iteration (``main-1``)."""
    reference: Name | None = None
    """The model that it is measured against; null: main's ``reference``."""


class RewardBench(Section):
    """How often rewards prefer the chosen response of preference triples, such as RewardBench's."""

    triples: Name
    """The preference set."""
    weights: str | None = None
    """A CSV file with the columns category, subset and weight: a category is the mean of its
    subsets by weight, the score the mean of the categories. Subsets without a category are
    reported alone. Without the file there is no score but the accuracy over all triples."""
    models: list[Name] = Field(default_factory=list)
    """Reward models."""
    implicit: list[ImplicitReward] = Field(default_factory=list)
    """Policies: R_c, given the English prompt, and R_m, given the native one."""
    languages: Languages = Field(default_factory=list)
    """Restriction to these languages; empty: all languages of the set."""
    representation: bool = False
    """Whether the representation shift is computed, of each reward model in ``models`` that is
    trained here: how close the states of a triple in all languages are to one line, in the reward
    model and in its base."""

    @model_validator(mode="after")
    def _check_rewards(self) -> Self:
        if not self.models and not self.implicit:
            raise ValueError("'models' or 'implicit' must name a reward")
        return self
