"""Where policies lie, and what a job in which one answers may use."""

from functools import cached_property
from typing import Any

from icr.config.models import AlignedSource, MiniatureSource
from icr.models.precision import Precision
from icr.sampling.interface import BackendOptions
from icr.workflow.iterations import Iterations


class Models(Iterations):
    """Folders of base models and trained policies."""

    @cached_property
    def models(self) -> list[str]:
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
    def reward_models(self) -> set[str]:
        """The base models that are sequence classifiers."""
        return {r.reward.model for r in self.config.experiments.values() if r.reward.model}

    def model_folder(self, policy: str) -> str:
        """Folder of any policy: downloaded, made on the spot, or trained by an experiment."""
        if policy in self.iterations:
            return f"{self.results}/policies/{policy}"
        made = isinstance(self.config.models[policy].source, AlignedSource | MiniatureSource)
        return f"{self.results}/models/{policy}" if made else f"resources/models/{policy}"

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

    def _aligned(self, model: str) -> AlignedSource:
        source = self.config.models[model].source
        assert isinstance(source, AlignedSource)
        return source
