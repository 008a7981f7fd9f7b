"""Judges: the language models that evaluations ask."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from icr.config.base import Name, Section
from icr.config.options import (
    AskingApi,
    AskingLlama,
    AskingVllm,
    Known,
    LlamaServer,
    Options,
    VllmServer,
    checked,
    misspelt,
    names,
    typed,
)

SERVED: dict[str, type[Section]] = {
    "requests to vllm": AskingVllm,
    "requests to xllamacpp": AskingLlama,
}


class Price(Section):
    """USD per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class Serve(Section):
    """A model that the job starts on its own loopback, uses and stops."""

    backend: Literal["vllm", "xllamacpp"]
    """``vllm`` on GPUs, ``xllamacpp`` (llama.cpp) on a CPU."""
    model: Name | None = None
    """A base model (``vllm``)."""
    gguf: str | None = None
    """A path, or ``package:NAME/FILE`` (``xllamacpp``)."""
    options: Annotated[
        Options, Known("backend", {"vllm": VllmServer, "xllamacpp": LlamaServer})
    ] = Field(default_factory=dict)
    """Command-line options of the server, without the dashes."""

    @model_validator(mode="after")
    def _names_a_model(self) -> Self:
        wanted, other = ("model", "gguf") if self.backend == "vllm" else ("gguf", "model")
        if getattr(self, wanted) is None or getattr(self, other) is not None:
            raise ValueError(f"backend '{self.backend}' needs '{wanted}', and no '{other}'")
        return self


def _understood(options: Options, info: ValidationInfo) -> Options:
    """What a served judge's server reads; of an endpoint elsewhere, what is known of it."""
    serve = info.data.get("serve")
    if serve is not None:
        return checked(options, f"requests to {serve.backend}", SERVED)
    if options and info.data.get("oracle") is not None:
        raise ValueError("the oracle takes none")
    if problem := misspelt(options, AskingApi):
        raise ValueError(problem)
    return options | typed({k: v for k, v in options.items() if k in names(AskingApi)}, AskingApi)


class Judge(Section):
    """A judge: an endpoint, a model that the job serves, or the demo's oracle."""

    model: str | None = None
    """The name that requests carry; of a served model, its own name by default."""
    api: str | None = Field(None, pattern=r"^https?://")
    """An OpenAI-compatible endpoint, up to and without ``/chat/completions``."""
    key: str | None = Field(None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    """The environment variable that holds the key."""
    serve: Serve | None = None
    oracle: str | None = None
    """Path of the miniature world's facts: planted verdicts."""
    options: Annotated[Options, AfterValidator(_understood)] = Field(default_factory=dict)
    """Further parameters of each request. Of a judge that is served here, those that its server
    reads; an endpoint elsewhere may know others than OpenAI's."""
    price: Price | None = None
    concurrency: int = Field(8, gt=0)
    """Requests under way at a time."""
    timeout: float = Field(120.0, gt=0)
    """Seconds to wait for an answer."""
    tries: int = Field(8, gt=0)
    """Attempts at a request, with growing pauses."""
    tolerance: float = Field(0.02, ge=0, le=1)
    """Share of the questions that may stay unanswered; with more the job fails."""

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if sum(place is not None for place in (self.api, self.serve, self.oracle)) != 1:
            raise ValueError("a judge needs one of the keys api, serve and oracle")
        if self.api is not None and self.model is None:
            raise ValueError("a judge at an endpoint needs the key 'model'")
        if self.key is not None and self.api is None:
            raise ValueError("only a judge at an endpoint ('api') takes a 'key'")
        return self
