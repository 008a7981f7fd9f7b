"""Settings that all evaluations of policies share."""

from pydantic import Field

from icr.config.base import Languages, Name, Section


class Evaluated(Section):
    """The policies and languages of an evaluation."""

    policies: list[Name] = Field(default_factory=list)
    """Base models and iterations (``main-2``); empty: every policy of the experiments."""
    extra_policies: list[Name] = Field(default_factory=list)
    """Base models and iterations in addition to ``policies``."""
    languages: Languages = Field(default_factory=list)
    """Restriction to these languages; empty: all languages of the policy's experiments."""
