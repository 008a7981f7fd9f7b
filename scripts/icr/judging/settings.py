"""Settings of a judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class JudgeSettings:
    """A judge: an endpoint, a model that the job serves itself, or the demo's oracle."""

    name: str
    model: str
    """The model name in requests."""
    answers_as: str | None = None
    """The model name in replies, if it is neither ``model`` nor a dated release of it."""
    api: str | None = None
    """An OpenAI-compatible endpoint, up to and without ``/chat/completions``."""
    key: str | None = None
    """The environment variable that holds the endpoint's key."""
    serve: Mapping[str, Any] | None = None
    """``backend`` (vllm, xllamacpp), the model's ``path``, and ``options`` of the server."""
    oracle: str | None = None
    """Path of the miniature's facts, if the judge is its oracle."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further request parameters; None removes a parameter."""
    price: Mapping[str, float] | None = None
    """USD per million tokens, ``input`` and ``output``."""
    concurrency: int = 8
    """Maximum number of concurrent requests."""
    timeout: float = 120.0
    """Seconds that a whole answer may take."""
    tries: int = 8
    """Attempts at a request before it counts as unanswered."""
    tolerance: float = 0.02
    """Share of requests that may stay unanswered before the job fails."""
