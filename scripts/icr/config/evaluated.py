"""What all evaluations have in common."""

from pydantic import Field

from icr.config.base import Languages, Name, Section


class Evaluated(Section):
    """Which policies are evaluated, and in which languages."""

    policies: list[Name] = Field(default_factory=list)
    """Base models and iterations (``main-2``); none: every policy of the experiments."""
    extra_policies: list[Name] = Field(default_factory=list)
    """Base models and iterations in addition to those."""
    languages: Languages = Field(default_factory=list)
    """At most these; none: all that the policy's experiments train."""
