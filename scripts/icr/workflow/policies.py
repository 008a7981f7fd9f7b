"""The policies of a run: base models, and the iterations of the experiments.

A *policy* is any model that can answer: a base model (``llama-3-8b-sft``) or an experiment's
iteration (``main-2``).
"""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from icr.config import Config
from icr.config.experiments import Experiment
from icr.config.models import AlignedSource, MiniatureSource
from icr.models.precision import Precision
from icr.pairing import PAIRINGS, Pairing
from icr.rewards import REWARDS, Reward
from icr.sampling.interface import BackendOptions
from icr.scoring.views import kept_as
from icr.workflow.paths import Paths


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

    @property
    def reward(self) -> Reward:
        """What ranks its responses, if its pairing asks for that."""
        return REWARDS[self.settings.reward.view]

    @property
    def pairing(self) -> Pairing:
        """How its pairs are chosen."""
        return PAIRINGS[self.settings.pairs.method]

    @property
    def implicit(self) -> bool:
        """Whether its reward is made of log-probabilities."""
        return self.pairing.rewarded and self.reward.view is not None


class Policies:
    """Where policies come from, where they lie, and what a job in which one answers may use.

    Two iterations with equal inputs and settings are one: the experiment that comes first in the
    configuration owns the policy, and the others use it.
    """

    def __init__(self, config: Config, paths: Paths) -> None:
        self.config, self.paths = config, paths

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
                measured = row.reward.reference != "none" and REWARDS[row.reward.view].reference
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
    def rewarded(self) -> list[str]:
        """The iterations whose pairs are chosen by rewards."""
        return [policy for policy, step in self.iterations.items() if step.pairing.rewarded]

    @cached_property
    def unrewarded(self) -> list[str]:
        """The iterations whose pairs are made of greedy answers, without rewards."""
        return [policy for policy, step in self.iterations.items() if not step.pairing.rewarded]

    @cached_property
    def implicit(self) -> list[str]:
        """The iterations whose rewards are made of log-probabilities."""
        return [policy for policy, step in self.iterations.items() if step.implicit]

    @cached_property
    def penalised(self) -> list[str]:
        """Those of them whose pairs are chosen under a length penalty."""
        steps = self.iterations
        return [policy for policy in self.implicit if "penalty" in steps[policy].pairing.shared]

    def references(self, policy: str, view: str, prompts: str, language: str) -> list[str | None]:
        """What rewards of a policy's responses under a view are measured against, in order.

        ``view`` is the name under which scores are kept. None stands for a reward without a
        reference.
        """
        return list(
            dict.fromkeys(
                step.reference
                for step in map(self.iterations.__getitem__, self.implicit)
                if step.start == policy
                and kept_as(str(step.reward.view), language) == view
                and step.settings.prompts.set == prompts
                and language in step.settings.languages
            )
        )

    def of(self, experiment: str, t: int) -> str:
        """Canonical name of an experiment's π^t; π⁰ is the base model that it starts from."""
        if t == 0:
            return self.config.experiments[experiment].start
        return self._resolved[1][experiment, t]

    def lineage(self, experiment: str) -> list[str]:
        """π_I, π⁰, π¹ … of an experiment; where nothing is trained, π_I and π⁰."""
        row = self.config.experiments[experiment]
        last = row.iterations if row.train else 0
        return [row.reference, *(self.of(experiment, t) for t in range(last + 1))]

    def named(self, name: str) -> str:
        """Canonical name of a policy: a base model, or ``{experiment}-{t}``."""
        if name in self.config.models:
            return name
        experiment, _, t = name.rpartition("-")
        return self.of(experiment, int(t))

    @cached_property
    def needed_models(self) -> list[str]:
        """The base models that the experiments stand on, in the order of the configuration.

        The others are there for evaluations that name them, and are not fetched for nothing.
        """
        rows = self.config.experiments.values()
        used = {m for row in rows for m in (row.start, row.reference, row.reward.model)}
        for name in reversed(self.config.models):
            source = self.config.models[name].source
            if name in used and isinstance(source, AlignedSource):
                used.add(source.align)
        return [name for name in self.config.models if name in used]

    @cached_property
    def aligned(self) -> list[str]:
        """The base models that are made from another one by English DPO."""
        models = self.config.models.items()
        return [name for name, model in models if isinstance(model.source, AlignedSource)]

    @cached_property
    def facts(self) -> dict[str, str]:
        """The miniature's base models, each with the file of its world's facts."""
        models = self.config.models.items()
        return {n: m.source.miniature for n, m in models if isinstance(m.source, MiniatureSource)}

    @property
    def world(self) -> list[str]:
        """The file of the miniature's facts, where a run has a model of that world."""
        return list(self.facts.values())[:1]

    @cached_property
    def fetched(self) -> list[str]:
        """The base models that are downloaded, linked or converted."""
        return [name for name in self.config.models if name not in {*self.aligned, *self.facts}]

    @cached_property
    def reward_models(self) -> set[str]:
        """The base models that are sequence classifiers."""
        return {r.reward.model for r in self.config.experiments.values() if r.reward.model}

    def folder(self, policy: str) -> str:
        """Folder of any policy: downloaded, made on the spot, or trained by an experiment."""
        if policy in self.iterations:
            return self.paths.policy.format(policy=policy)
        if isinstance(self.config.models[policy].source, AlignedSource | MiniatureSource):
            return self.paths.made_model.format(policy=policy)
        return self.paths.fetched_model.format(model=policy)

    def start(self, policy: str) -> str:
        """What a policy is trained from: an iteration's start, or the model that is aligned."""
        if policy in self.iterations:
            return self.iterations[policy].start
        return self.alignment(policy).align

    def gpus(self, policy: str) -> int:
        """GPUs of a job in which a policy answers; 0 where everything runs on CPUs."""
        base = self.config.models.get(policy)
        return self.config.compute.gpus * (base.gpus if base else 1)

    def backend_options(self, policy: str) -> dict[str, Any]:
        """Options of the sampling backend where a policy answers."""
        options: dict[str, Any] = dict(self.config.sampling.options)
        gpus = self.gpus(policy)
        return {**options, "tensor_parallel": gpus} if gpus > 1 else options

    @property
    def sampling_precision(self) -> Precision:
        """In which policies draw their responses."""
        given: Any = self.config.sampling.options
        return BackendOptions(**given).precision

    def alignment(self, model: str) -> AlignedSource:
        """How a base model is made from another one by English DPO."""
        source = self.config.models[model].source
        assert isinstance(source, AlignedSource)
        return source
