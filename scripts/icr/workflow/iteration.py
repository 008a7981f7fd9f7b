"""One iteration of an experiment: its policies, its settings and its methods."""

from dataclasses import dataclass

from icr.config.experiments import Experiment
from icr.pairing import PAIRINGS, Pairing
from icr.rewards import REWARDS, Reward


@dataclass(frozen=True)
class Iteration:
    """One iteration t of an experiment: samples from ``start``, trains ``policy``."""

    policy: str
    """Canonical name of π^t, e.g. ``main-2``."""
    experiment: str
    start: str
    """π^{t-1}: samples, is scored, and is trained further."""
    reference: str | None
    """The reference model of the reward, if it uses one."""
    settings: Experiment
    sampled_by: str | None = None
    """The policy whose responses are the candidates, if it is not ``start``."""

    @property
    def sampler(self) -> str:
        """The policy whose responses are the candidates."""
        return self.sampled_by or self.start

    @property
    def pooled(self) -> bool:
        """Whether pairs are formed from the responses in all languages together."""
        return self.pairing.rewarded and self.settings.pairs.pool == "languages"

    @property
    def reward(self) -> Reward:
        """The reward that ranks its responses, if its pairing uses rewards."""
        return REWARDS[self.settings.reward.view]

    @property
    def pairing(self) -> Pairing:
        """The method that selects its pairs."""
        return PAIRINGS[self.settings.pairs.method]

    @property
    def implicit(self) -> bool:
        """Whether its reward is computed from log-probabilities."""
        return self.pairing.rewarded and self.reward.view is not None
