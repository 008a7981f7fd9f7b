"""What work by a configuration's models asks for: responses, scores, training, judging.

The sizes of each rule's jobs are in :mod:`icr.workflow.jobs`.
"""

from dataclasses import replace
from typing import Any

from icr.cluster.measurement import WORK, read_measurements
from icr.config import Config
from icr.config.models import AlignedSource, MiniatureSource, RewardModelSource
from icr.sampling import ONE_BY_ONE
from icr.workflow import resources
from icr.workflow.parameters import Parameters
from icr.workflow.paths import Paths
from icr.workflow.policies import Policies
from icr.workflow.resources import Request, Site

JOB_MINUTES = 60.0
"""Minutes that a sampling or scoring job should take."""
SPEED = ("precision", "micro_batch", "gradient_checkpointing")
"""Settings of a training that determine its speed."""


class Work:
    """Sizes the work of a configuration's models for its site."""

    def __init__(
        self, config: Config, policies: Policies, parameters: Parameters, paths: Paths
    ) -> None:
        self.config, self.policies, self.settings, self.paths = config, policies, parameters, paths
        compute, sampling = config.compute, config.sampling
        self.site = Site(
            compute.gpus,
            compute.training_processes,
            compute.threads,
            compute.speed,
            compute.longest,
            compute.memory,
            measured=read_measurements({work: self.calibration_file(work) for work in WORK}),
            at_once=None if sampling.backend in ONE_BY_ONE else sampling.chunk * sampling.n,
        )

    def parameters(self, policy: str) -> float:
        """Number of weights of a policy: that of the base model that it descends from."""
        model = self.config.models[self.policies.base(policy)]
        if isinstance(model.source, AlignedSource):
            return self.parameters(model.source.align)
        if isinstance(model.source, RewardModelSource):
            return self.parameters(model.source.reward)
        return 1e6 if isinstance(model.source, MiniatureSource) else model.parameters

    def calibration_file(self, work: str) -> str:
        """The file of the measurement of a kind of work."""
        return self.paths.calibration.format(work=work)

    def measured_with(self, work: str) -> dict[str, Any]:
        """The settings that determine the speed of a kind of work, besides the model."""
        sampling = self.config.sampling
        settings: dict[str, dict[str, Any]] = {
            "sampling": {
                "backend": sampling.backend,
                "precision": self.policies.sampling_precision,
            },
            "scoring": {"precision": self.config.scoring.precision},
            "training": self.training_speed(self.policies.of("main", 1)),
        }
        return settings[work]

    def training_speed(self, policy: str) -> dict[str, Any]:
        """The settings that determine the speed of a policy's training."""
        settings = self.settings.training(policy)
        return {
            **{name: settings[name] for name in SPEED},
            "lora": settings["lora"] is not None,
            "processes": self.site.processes,
            "batching": resources.BATCHING,
        }

    def answers(
        self,
        policy: str,
        responses: int,
        max_tokens: int,
        attempt: int = 1,
        at_once: int | None = None,
    ) -> Request:
        """So many responses of a policy, ``at_once`` together, on the GPUs that it needs."""
        at_once = at_once or self.site.at_once
        site = replace(self.site, gpus=self.policies.gpus(policy), at_once=at_once)
        return resources.sampling(
            site,
            self.parameters(policy),
            responses,
            max_tokens,
            attempt,
            self.measured_with("sampling"),
        )

    def sampling(self, policy: str, prompts: int, attempt: int = 1) -> Request:
        """The configured number of responses to each of so many prompts."""
        sampling = self.config.sampling
        return self.answers(policy, prompts * sampling.n, sampling.max_tokens, attempt)

    def scoring(self, model: str, prompts: int, attempt: int = 1, parts: int = 1) -> Request:
        """One model's scores of all responses to so many prompts, in ``parts`` blocks."""
        sampling = self.config.sampling
        return resources.scoring(
            self.site,
            self.parameters(model),
            prompts,
            prompts * sampling.n,
            sampling.max_tokens,
            self.config.scoring.precision,
            attempt,
            min(self.config.scoring.checks * parts, prompts) * sampling.n,
        )

    def training(self, policy: str, pairs: int, attempt: int) -> Request:
        """Training of a policy on so many pairs."""
        settings = self.settings.training(policy)
        return resources.training(
            self.site,
            self.parameters(policy),
            pairs * settings["epochs"],
            self.config.sampling.max_tokens,
            settings["precision"],
            attempt,
            self.training_speed(policy),
            self.config.compute.checkpoint_minutes,
        )

    def judging(
        self, judge: str, requests: int, attempt: int = 1, tokens: tuple[int, int] = (2000, 300)
    ) -> Request:
        """Requests of so many tokens (in, out) to a judge; one that the job serves takes GPUs."""
        section = self.config.judges[judge]
        if section.serve and section.serve.backend == "vllm" and section.serve.model:
            parameters = self.parameters(section.serve.model)
            site = replace(self.site, gpus=self.policies.gpus(section.serve.model))
            return resources.reading(site, parameters, requests * sum(tokens), "bfloat16", attempt)
        price = section.price.model_dump() if section.price else {"input": 0.0, "output": 0.0}
        return resources.judging(self.site, requests, tokens, price, attempt)

    def blocks_per_job(self, kind: str, model: str, prompts: str) -> int:
        """Number of blocks that one job samples or scores: as configured, or those of an hour."""
        if self.config.compute.blocks_per_job:
            return self.config.compute.blocks_per_job
        rows = self.config.prompts[prompts].block
        request = self.sampling if kind == "sampling" else self.scoring
        first, both = (request(model, blocks * rows).expected for blocks in (1, 2))
        return max(1, 1 + int((JOB_MINUTES - first) // (both - first)))
