"""The interface of sampling backends."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

from icr.models.precision import Precision
from icr.sampling.room import Room


@dataclass(frozen=True)
class SamplingSettings:
    """Generation settings: ``n`` responses per prompt.

    Temperature 0 is greedy decoding; ``top_k`` 0 means no limit.
    """

    n: int
    temperature: float
    max_tokens: int
    top_p: float = 1.0
    top_k: int = 0


@dataclass(frozen=True)
class BackendOptions:
    """Further options; a backend ignores those of the other."""

    precision: Precision = "float32"
    batch: int = 64
    """Rows per batch (transformers)."""
    gpu_memory: float = 0.9
    """Fraction of the GPU's memory (vllm)."""
    max_model_len: int | None = None
    """Limit of prompt and response together, in tokens, if below that of the model."""
    tensor_parallel: int = 1
    """GPUs that share the model (vllm)."""
    enforce_eager: bool = False
    """No CUDA graphs (vllm)."""
    batch_invariant: bool = False
    """vLLM's batch-invariant mode: a sample does not depend on the rest of its batch, so it is
    bitwise reproducible on the same kind and number of GPUs. It needs GPUs of compute capability
    8.0 or newer, and is slower: other matrix products, attention that is not split over a long
    text, one channel between GPUs (vllm)."""


@dataclass(frozen=True)
class Sample:
    """One response. Its ids include the end token if and only if it ended by itself (``stop``)."""

    response_ids: list[int]
    finish_reason: Literal["stop", "length"]
    logprob: float = field(compare=False)
    """Σ log π(token | prompt, tokens before) over the ids, in nats, at temperature 1, in the
    sampler's own arithmetic."""

    @property
    def content_ids(self) -> list[int]:
        """The ids without the end token, which is not part of the text even if not special."""
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
        """``n`` responses to each prompt. Prompts are token ids; each has its own seed.

        ``temperatures``, one per prompt, override the settings in this call. A response never
        exceeds the model's context: after a long prompt it is cut earlier (icr.sampling.room).

        Raises InputError for a prompt that leaves no room for a response.
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
