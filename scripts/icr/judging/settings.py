"""What the library needs to know about a judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class JudgeSettings:
    """A judge: an endpoint, a model that the job serves itself, or the demo's oracle."""

    name: str
    model: str
    """The name that requests carry."""
    answers_as: str | None = None
    """The name that replies carry, where it is neither ``model`` nor a dated release of it."""
    api: str | None = None
    """An OpenAI-compatible endpoint, up to and without ``/chat/completions``."""
    key: str | None = None
    """The environment variable that holds the endpoint's key; the key itself is nowhere else."""
    serve: Mapping[str, Any] | None = None
    """``backend`` (vllm, xllamacpp), the model's ``path``, and ``options`` of the server."""
    oracle: str | None = None
    """The miniature world's facts."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further parameters of each request; None leaves one out."""
    price: Mapping[str, float] | None = None
    """USD per million tokens, ``input`` and ``output``."""
    concurrency: int = 8
    """Requests under way at a time."""
    timeout: float = 120.0
    """Seconds that an answer may take in all."""
    tries: int = 8
    """Attempts at a request before it counts as unanswered."""
    tolerance: float = 0.02
    """Share of the requests that may stay unanswered; with more the job fails."""
