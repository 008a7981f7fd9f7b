"""Sampling responses: two backends behind one interface, chosen by name."""

from pathlib import Path

from icr.errors import InputError
from icr.sampling.interface import BackendOptions, Sample, Sampler, SamplingSettings

__all__ = ["ONE_BY_ONE", "BackendOptions", "Sample", "Sampler", "SamplingSettings", "open_sampler"]

ONE_BY_ONE = {"vllm"}
"""Backends that finish prompts one by one, however many are asked at once. With the others a call
is a batch, whose composition enters the last bits: a resumed job repeats whole calls."""


def open_sampler(
    backend: str, folder: str | Path, settings: SamplingSettings, options: BackendOptions
) -> Sampler:
    """A sampler for the model in ``folder``, to be used as a context manager.

    ``vllm`` runs one engine; ``transformers`` runs anywhere. Only the selected one is imported.

    Raises InputError for an unknown backend.
    """
    if backend == "vllm":
        from icr.sampling.vllm_backend import VllmSampler

        return VllmSampler(folder, settings, options)
    if backend == "transformers":
        from icr.sampling.transformers_backend import TransformersSampler

        return TransformersSampler(folder, settings, options)
    raise InputError(f"unknown sampling backend '{backend}'; known: vllm, transformers")
