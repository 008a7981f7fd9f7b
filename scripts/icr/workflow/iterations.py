"""The policies of the experiments, and which of them are one."""

import json
from dataclasses import dataclass
from functools import cached_property

from icr.config import Config
from icr.config.experiments import Experiment


@dataclass(frozen=True)
class Iteration:
    """One iteration t of an experiment: samples from ``start``, trains ``policy``."""

    policy: str
    """Canonical name of π^t, e.g. ``main-2``."""
    experiment: str
    start: str
    """π^{t-1}: samples, is scored, and is trained further."""
    reference: str | None
    """What the reward is measured against, if anything."""
    settings: Experiment


class Iterations:
    """The iterations of all experiments.

    Two iterations with equal inputs and settings are one: the experiment that comes first in the
    configuration owns the policy, and the others use it.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.results = f"results/{config.run}"

    @cached_property
    def iterations(self) -> dict[str, Iteration]:
        """Every distinct iteration by the name of its policy, in the order of the rows."""
        return {policy: step for policy, step in self._resolved[0].items()}

    @cached_property
    def _resolved(self) -> tuple[dict[str, Iteration], dict[tuple[str, int], str]]:
        owned: dict[str, Iteration] = {}
        owner_of: dict[str, str] = {}
        names: dict[tuple[str, int], str] = {}
        for name, row in self.config.experiments.items():
            lineage = [row.start]
            for t in range(1, row.iterations + 1):
                start = lineage[-1]
                moves = row.scoring_reference == "previous" and t > 1
                measured = row.reward.reference != "none"
                reference = (lineage[-2] if moves else row.reference) if measured else None
                kept = row.model_dump(exclude={"start", "reference", "scoring_reference"})
                del kept["iterations"]
                key = json.dumps([start, reference, kept], sort_keys=True)
                policy = owner_of.setdefault(key, f"{name}-{t}")
                owned.setdefault(policy, Iteration(policy, name, start, reference, row))
                names[name, t] = policy
                lineage.append(policy)
        return owned, names

    @cached_property
    def trained(self) -> list[str]:
        """The iterations that end in a policy; of the others only the pairs are wanted."""
        return [policy for policy, step in self.iterations.items() if step.settings.train]

    @cached_property
    def lidr(self) -> list[str]:
        """The iterations whose pairs are made without rewards."""
        steps = self.iterations.items()
        return [policy for policy, step in steps if step.settings.pairs.method == "lidr"]

    @cached_property
    def rewarded(self) -> list[str]:
        """The iterations whose pairs are built from rewards."""
        return [policy for policy in self.iterations if policy not in self.lidr]

    @cached_property
    def implicit(self) -> list[str]:
        """Those of them whose rewards are implicit."""
        views = {policy: self.iterations[policy].settings.reward.view for policy in self.rewarded}
        return [policy for policy, view in views.items() if view != "natural"]

    def policy(self, experiment: str, t: int) -> str:
        """Canonical name of an experiment's π^t; π⁰ is the base model that it starts from."""
        if t == 0:
            return self.config.experiments[experiment].start
        return self._resolved[1][experiment, t]

    def lineage(self, experiment: str) -> list[str]:
        """π_I, π⁰, π¹ … of an experiment; where nothing is trained, π_I and π⁰."""
        row = self.config.experiments[experiment]
        last = row.iterations if row.train else 0
        return [row.reference, *(self.policy(experiment, t) for t in range(last + 1))]

    def policy_named(self, name: str) -> str:
        """Canonical name of a policy: a base model, or ``{experiment}-{t}``."""
        if name in self.config.models:
            return name
        experiment, _, t = name.rpartition("-")
        return self.policy(experiment, int(t))
