"""The rewards that a run tests on preference triples, and their files."""

from dataclasses import dataclass
from functools import cached_property

from icr.config import Config
from icr.config.preferences import PreferenceSet
from icr.config.rewardbench import RewardBench
from icr.scoring.views import NATIVE, VIEWS, kept_as
from icr.workflow.paths import Paths
from icr.workflow.policies import Policies

NATURAL = "natural"
"""The view of reward models."""
CROSSLINGUAL = "crosslingual"


@dataclass(frozen=True)
class Tested:
    """A reward that is tested."""

    view: str
    """``natural`` for a reward model, else what log-probabilities are conditioned on."""
    name: str
    """The reward model, or ``{policy}-against-{reference}``."""
    scorers: tuple[str, ...]
    """The reward model, or the policy and its reference."""


class RewardBenches:
    """Scope and files of the evaluation of rewards; empty if the configuration leaves it out."""

    def __init__(self, config: Config, paths: Paths, policies: Policies) -> None:
        self.config, self.paths, self.policies = config, paths, policies

    @property
    def section(self) -> RewardBench:
        """The settings of the evaluation."""
        assert self.config.evaluation.rewardbench is not None
        return self.config.evaluation.rewardbench

    @cached_property
    def tested(self) -> dict[tuple[str, str], Tested]:
        """The rewards by view and name."""
        if self.config.evaluation.rewardbench is None:
            return {}
        rewards = [Tested(NATURAL, name, (name,)) for name in self.section.models]
        for row in self.section.implicit:
            policy = self.policies.named(row.policy)
            reference = row.reference or self.config.experiments["main"].reference
            reference = self.policies.named(reference)
            name = f"{policy}-against-{reference}"
            rewards += [Tested(v, name, (policy, reference)) for v in (CROSSLINGUAL, NATIVE)]
        return {(reward.view, reward.name): reward for reward in rewards}

    @cached_property
    def languages(self) -> list[str]:
        """The languages of the triples that are used."""
        if not self.tested:
            return []
        selected = self.section.languages
        return [la for la in self._set.languages if la in (selected or [la])]

    @cached_property
    def metrics(self) -> dict[tuple[str, str, str], str]:
        """Metric files by view, name of the reward, and language."""
        return {
            (view, name, language): self.paths.rewardbench_metrics.format(
                view=view, rewarded=name, language=language
            )
            for view, name in self.tested
            for language in self.languages
        }

    def scores(self, view: str, name: str, language: str) -> list[str]:
        """The files of scores behind a reward in a language: of one model, or of two.

        English responses are scored once for both views.
        """
        kept = view if view == NATURAL else kept_as(view, language)
        return [
            self.paths.triple_scores.format(view=kept, scorer=scorer, language=language)
            for scorer in self.tested[view, name].scorers
        ]

    def rewards(self, name: str, language: str) -> str | None:
        """The file of a reward's triples in a language; None if it is not tested in it.

        ``name`` is a reward model, or ``{view}/{policy}-against-{reference}``.
        """
        view, _, rewarded = name.rpartition("/")
        view = view or NATURAL
        if (view, rewarded, language) not in self.metrics:
            return None
        return self.paths.rewardbench_triples.format(
            view=view, rewarded=rewarded, language=language
        )

    def triples(self, language: str) -> str:
        """The file of triples in a language."""
        return self.paths.preferences.format(preferences=self.section.triples, language=language)

    @cached_property
    def bases(self) -> dict[str, str]:
        """The reward models whose representation shift is computed, with their base models."""
        if not self.tested or not self.section.representation:
            return {}
        trained = self.policies.trained_reward_models
        return {name: trained[name].reward for name in self.section.models if name in trained}

    @cached_property
    def represented(self) -> list[str]:
        """These bases and reward models, each once."""
        return list(dict.fromkeys([*self.bases.values(), *self.bases]))

    def states(self, scorer: str) -> list[str]:
        """The files of a model's states of the triples, by language."""
        return [
            self.paths.triple_states.format(scorer=scorer, language=language)
            for language in self.languages
        ]

    def conditions(self, view: str, language: str) -> list[str]:
        """The file of triples whose prompts log-probabilities are conditioned on, if any."""
        if view == NATURAL:
            return []
        return [self.triples(VIEWS[view].condition_language(language))]

    def training_pairs(self, view: str, name: str) -> list[str]:
        """The files of pairs that a reward model is trained on here."""
        source = self.policies.trained_reward_models.get(name) if view == NATURAL else None
        if source is None:
            return []
        return [
            self.paths.preferences.format(preferences=source.preferences, language=language)
            for language in source.languages
        ]

    @property
    def _set(self) -> PreferenceSet:
        return self.config.preferences[self.section.triples]
