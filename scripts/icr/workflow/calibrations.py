"""Measurements of a site's machines: what they do, and the sizes of their jobs."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from icr.config import Config
from icr.config.models import AlignedSource
from icr.workflow import resources
from icr.workflow.compared import Compared
from icr.workflow.jobs import Sized
from icr.workflow.parameters import Parameters
from icr.workflow.policies import Policies
from icr.workflow.resources import PROMPT, SHARE, Request
from icr.workflow.work import Work

SECONDS = 60
"""Estimated seconds of work in a measurement, besides its start."""
MOST = {"sampling": 100, "scoring": 100, "training": 20}
"""Maximum number of prompts, or of optimizer steps, in a measurement."""
WEIGHTS_MINUTES = 5
"""Minutes to write random weights."""


class Calibrations:
    """The jobs of ``snakemake calibrate``, by kind of work (icr.cluster.measurement.WORK)."""

    def __init__(
        self, config: Config, policies: Policies, parameters: Parameters, work: Work
    ) -> None:
        self.config, self.policies, self.settings, self.work = config, policies, parameters, work

    def request(self, work: str) -> Sized:
        """A measurement of one kind of work: its start, some minutes, and perhaps its model."""

        def job(_: Any = None, attempt: int = 1) -> Request:
            site = replace(self.work.site, gpus=self.policies.gpus(self.model()), measured={})
            weights, load = self.work.parameters(self.model()), self.load(work)
            responses = load["prompts"] * load["responses"]
            max_tokens, precision = load["max_tokens"], self.config.scoring.precision
            if work == "sampling":
                request = resources.sampling(site, weights, responses, max_tokens, attempt)
            elif work == "scoring":
                request = resources.scoring(
                    site, weights, load["prompts"], responses, max_tokens, precision, attempt
                )
            else:
                request = self.work.training(
                    self.policies.of("main", 1), 2 * load["prompts"], attempt
                )
            minutes = 5 * math.ceil(resources.MARGIN * WEIGHTS_MINUTES / 5)
            limit = min(request.minutes + minutes, site.longest or request.minutes + minutes)
            return replace(request, minutes=limit, expected=request.expected + WEIGHTS_MINUTES)

        return job

    def model(self) -> str:
        """The measured base model: the start of main, or the model that it was aligned from."""
        policy = self.config.experiments["main"].start
        source = self.config.models[policy].source
        while isinstance(source, AlignedSource):
            policy = source.align
            source = self.config.models[policy].source
        return policy

    def load(self, work: str) -> dict[str, int]:
        """The amount of work in a measurement (icr.cluster.calibration.Load): about a minute."""
        sampling, parameters = self.config.sampling, self.work.parameters(self.model())
        training = self.settings.training(self.policies.of("main", 1))
        mean = max(1, round(SHARE * sampling.max_tokens))
        responses = 2 if work == "training" else sampling.n
        tokens = {
            "sampling": responses * mean,
            "scoring": PROMPT + responses * mean,
            "training": 2 * (PROMPT + mean) * training["global_batch"],
        }[work]
        speed = resources.tokens_per_second(self.work.site, work, parameters)
        count = min(MOST[work], max(1, round(SECONDS * speed / tokens)))
        return {
            "prompts": count * training["global_batch"] if work == "training" else count,
            "responses": responses,
            "prompt_tokens": PROMPT,
            "response_tokens": mean,
            "max_tokens": sampling.max_tokens,
        }

    def parameters_of(self, work: str) -> dict[str, Any]:
        """The parameters of a measurement (icr.cluster.calibration.measure).

        A download of its model does not repeat the measurement.
        """
        model = self.model()
        folder = self.policies.folder(model)
        options = {
            "sampling": {
                "backend": self.config.sampling.backend,
                "options": self.policies.backend_options(model),
            },
            "scoring": {
                "precision": self.config.scoring.precision,
                "token_budget": self.config.scoring.token_budget,
            },
            "training": {
                "settings": dict(self.settings.training(self.policies.of("main", 1))),
                "processes": self.work.site.processes,
                "threads": max(self.work.site.cpus, self.work.site.processes),
            },
        }[work]
        parameters = {
            "work": work,
            "model": model,
            "folder": folder if Path(folder, "config.json").exists() else None,
            "parameters": self.work.parameters(model),
            "load": self.load(work),
            "settings": self.work.measured_with(work),
            "options": options,
        }
        return Compared(parameters, {"folder"})
