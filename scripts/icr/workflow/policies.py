"""The policies of a run: base models, and the iterations of the experiments.

A *policy* is any model that can answer: a base model (``llama-3-8b-sft``) or an experiment's
iteration (``main-2``).
"""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from icr.config import Config
from icr.config.models import MADE_HERE, AlignedSource, MiniatureSource, RewardModelSource
from icr.models.precision import Precision
from icr.rewards import REWARDS
from icr.sampling.interface import BackendOptions
from icr.scoring.views import kept_as
from icr.workflow.iteration import Iteration
from icr.workflow.paths import Paths


class Policies:
    """The origins and folders of policies, and the GPUs and options of jobs that sample from them.

    Experiments share iterations with equal inputs and settings: the policy is named after the
    first such experiment in the configuration.
    """

    def __init__(self, config: Config, paths: Paths) -> None:
        self.config, self.paths = config, paths

    @cached_property
    def iterations(self) -> dict[str, Iteration]:
        """Every distinct iteration by the name of its policy, in the order of the configuration."""
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
                if policy not in owned:
                    sampler = self._named(row.pairs.sampler, names)
                    sampled_by = None if sampler == start else sampler
                    owned[policy] = Iteration(policy, name, start, reference, row, sampled_by)
                names[name, t] = policy
                lineage.append(policy)
        return owned, names

    @staticmethod
    def _named(name: str | None, iterations: Mapping[tuple[str, int], str]) -> str | None:
        """Canonical name of a model, or of an iteration of an earlier experiment."""
        experiment, _, t = (name or "").rpartition("-")
        return iterations.get((experiment, int(t)), name) if t.isdecimal() else name

    @cached_property
    def trained(self) -> list[str]:
        """The iterations that train a policy; the others only make pairs."""
        return [policy for policy, step in self.iterations.items() if step.settings.train]

    @cached_property
    def rewarded(self) -> list[str]:
        """The iterations whose pairs are selected by rewards."""
        return [policy for policy, step in self.iterations.items() if step.pairing.rewarded]

    @cached_property
    def pooled(self) -> list[str]:
        """The iterations whose pairs are of the responses in all languages."""
        return [policy for policy, step in self.iterations.items() if step.pooled]

    @cached_property
    def unpooled(self) -> list[str]:
        """The iterations whose pairs are selected by rewards in each language by itself."""
        return [policy for policy in self.rewarded if policy not in self.pooled]

    @cached_property
    def unrewarded(self) -> list[str]:
        """The iterations whose pairs are made of greedy answers, without rewards."""
        return [policy for policy, step in self.iterations.items() if not step.pairing.rewarded]

    @cached_property
    def implicit(self) -> list[str]:
        """The iterations whose rewards are computed from log-probabilities."""
        return [policy for policy, step in self.iterations.items() if step.implicit]

    @cached_property
    def penalised(self) -> list[str]:
        """The iterations with implicit rewards whose pairs are selected under a length penalty."""
        steps = self.iterations
        return [policy for policy in self.implicit if "penalty" in steps[policy].pairing.shared]

    def references(self, policy: str, view: str, prompts: str) -> list[str]:
        """The references of rewards of a policy's responses under a view, each once.

        ``view`` is the name under which scores are stored.
        """
        used = self._measured_against(policy, view, prompts)
        return [reference for reference in used if reference is not None]

    def without_reference(self, policy: str, view: str, prompts: str) -> bool:
        """Whether a reward of these responses has no reference."""
        return None in self._measured_against(policy, view, prompts)

    def _measured_against(self, policy: str, view: str, prompts: str) -> dict[str | None, None]:
        steps = (self.iterations[name] for name in self.implicit)
        return dict.fromkeys(
            step.reference
            for step in steps
            if (step.start, step.settings.prompts.set) == (policy, prompts)
            and any(kept_as(str(step.reward.view), la) == view for la in step.settings.languages)
        )

    def of(self, experiment: str, t: int) -> str:
        """Canonical name of an experiment's π^t; π⁰ is the base model that it starts from."""
        if t == 0:
            return self.config.experiments[experiment].start
        return self._resolved[1][experiment, t]

    def lineage(self, experiment: str) -> list[str]:
        """π_I, π⁰, π¹ … of an experiment; if it trains nothing, π_I and π⁰."""
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
        """The base models that the experiments use, in the order of the configuration.

        The others are only fetched for evaluations that name them.
        """
        rows = self.config.experiments.values()
        used = {
            m
            for row in rows
            for m in (row.start, row.reference, *row.reward_models, row.pairs.sampler)
        }
        for name in reversed(self.config.models):
            source = self.config.models[name].source
            if name in used and isinstance(source, AlignedSource):
                used.add(source.align)
            elif name in used and isinstance(source, RewardModelSource):
                used.add(source.reward)
        return [name for name in self.config.models if name in used]

    @cached_property
    def aligned(self) -> list[str]:
        """The base models that are trained from another base model by English DPO."""
        models = self.config.models.items()
        return [name for name, model in models if isinstance(model.source, AlignedSource)]

    @cached_property
    def facts(self) -> dict[str, str]:
        """The miniature's base models, each with the file of its world's facts."""
        sources = ((name, model.source) for name, model in self.config.models.items())
        return {name: s.miniature for name, s in sources if isinstance(s, MiniatureSource)}

    @property
    def world(self) -> list[str]:
        """The file of the miniature's facts, if the run has a model of that world."""
        return list(self.facts.values())[:1]

    @cached_property
    def fetched(self) -> list[str]:
        """The base models that are downloaded, linked or converted."""
        models = self.config.models.items()
        return [name for name, model in models if not isinstance(model.source, MADE_HERE)]

    @cached_property
    def trained_reward_models(self) -> dict[str, RewardModelSource]:
        """The reward models that are trained here, with what they are trained from and on."""
        sources = ((name, model.source) for name, model in self.config.models.items())
        return {name: s for name, s in sources if isinstance(s, RewardModelSource)}

    @cached_property
    def reward_models(self) -> set[str]:
        """The base models that are sequence classifiers."""
        named = {m for row in self.config.experiments.values() for m in row.reward_models}
        section = self.config.evaluation.rewardbench
        tested = section.models if section else []
        return named | self.trained_reward_models.keys() | set(tested)

    def folder(self, policy: str) -> str:
        """The folder of a policy: a base model, fetched or made here, or a trained policy."""
        if policy in self.iterations:
            return self.paths.policy.format(policy=policy)
        if isinstance(self.config.models[policy].source, MADE_HERE):
            return self.paths.made_model.format(policy=policy)
        return self.paths.fetched_model.format(model=policy)

    def start(self, policy: str) -> str:
        """The model that a policy is trained from: an iteration's start, or the aligned model's."""
        if policy in self.iterations:
            return self.iterations[policy].start
        return self.alignment(policy).align

    def base(self, policy: str) -> str:
        """The base model from which a policy's training started; a base model itself."""
        while policy in self.iterations:
            policy = self.iterations[policy].start
        return policy

    def gpus(self, policy: str) -> int:
        """GPUs of a job that samples from a policy; 0 if everything runs on CPUs."""
        base = self.config.models.get(policy)
        return self.config.compute.gpus * (base.gpus if base else 1)

    def backend_options(self, policy: str) -> dict[str, Any]:
        """Options of the sampling backend for a policy."""
        options: dict[str, Any] = dict(self.config.sampling.options)
        gpus = self.gpus(policy)
        return {**options, "tensor_parallel": gpus} if gpus > 1 else options

    @property
    def sampling_precision(self) -> Precision:
        """The precision in which policies sample their responses."""
        options: Any = self.config.sampling.options
        return BackendOptions(**options).precision

    def alignment(self, model: str) -> AlignedSource:
        """The settings by which a base model is trained from another one by English DPO."""
        source = self.config.models[model].source
        assert isinstance(source, AlignedSource)
        return source
