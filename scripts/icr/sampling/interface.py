"""What every sampling backend takes and returns."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

from icr.models.precision import Precision
from icr.sampling.room import Room


@dataclass(frozen=True)
class SamplingSettings:
    """How to sample: ``n`` responses a prompt; temperature 0 is greedy, top_k 0 means no limit."""

    n: int
    temperature: float
    max_tokens: int
    top_p: float = 1.0
    top_k: int = 0


@dataclass(frozen=True)
class BackendOptions:
    """What a backend needs besides; each uses what it knows."""

    precision: Precision = "float32"
    batch: int = 64
    """Rows generated at a time (transformers)."""
    gpu_memory: float = 0.9
    """Share of the GPU's memory (vllm)."""
    max_model_len: int | None = None
    """Longest prompt and response together, in tokens, where the model itself takes more."""
    tensor_parallel: int = 1
    """GPUs that share the model (vllm)."""
    enforce_eager: bool = False
    """No CUDA graphs (vllm)."""
    batch_invariant: bool = False
    """vLLM's batch-invariant mode: a sample does not depend on what is computed beside it, and so
    repeats to the bit on the same kind and number of GPUs. It takes GPUs of compute capability 8.0
    or newer, and is slower: other matrix products, attention that is not split over a long text,
    one channel between GPUs (vllm)."""


@dataclass(frozen=True)
class Sample:
    """One response. Its ids hold the end token if and only if it ended by itself (``stop``)."""

    response_ids: list[int]
    finish_reason: Literal["stop", "length"]
    logprob: float = field(compare=False)
    """Σ log π(token | prompt, tokens before) over the ids, in nats, at temperature 1, by the
    sampler's own arithmetic."""

    @property
    def content_ids(self) -> list[int]:
        """The ids without the end token, which is no part of the text, special or not."""
        return self.response_ids[:-1] if self.finish_reason == "stop" else self.response_ids


class Sampler(ABC):
    """A loaded model that answers prompts."""

    settings: SamplingSettings
    room: Room

    @abstractmethod
    def generate(
        self,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        temperatures: Sequence[float] | None = None,
    ) -> list[list[Sample]]:
        """``n`` responses to each prompt, given as token ids, with one seed a prompt.

        ``temperatures``, one a prompt, replace that of the settings in this call. A response
        never leaves the model's context: behind a long prompt it is cut sooner (icr.sampling.room).

        Raises InputError for a prompt that leaves no room at all.
        """

    def finish(
        self, prompts: Sequence[Sequence[int]], seeds: Sequence[int]
    ) -> Iterator[tuple[int, list[Sample]]]:
        """Number and responses of each prompt as soon as they are complete, in any order."""
        yield from enumerate(self.generate(prompts, seeds))

    def close(self) -> None:  # noqa: B027 - a backend without resources has nothing to do
        """Free the model."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
