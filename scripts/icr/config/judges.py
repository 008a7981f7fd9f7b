"""Judges: the language models that evaluations ask."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

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
from icr.config.secrets import VARIABLE

FIXED = {"logprobs", "messages", "model", "n", "stream"}
"""Parameters of a request that decide how its answer is read."""
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


def _address(url: str) -> str:
    """Check an endpoint's address, without repeating it: it may hold a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address begins with https:// (or http://) and a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "an address has no user, password or query; a key belongs into an environment variable"
        )
    if parts.path.rstrip("/").endswith("/completions"):
        raise ValueError("the address goes up to and without /chat/completions")
    return url


def _variable(name: str) -> str:
    if not VARIABLE.fullmatch(name):
        raise ValueError("must be the name of an environment variable in capitals")
    return name


def _understood(options: Options, info: ValidationInfo) -> Options:
    """What a served judge's server reads; of an endpoint elsewhere, what is known of it.

    A parameter of null stays: it leaves one out of the request.
    """
    serve = info.data.get("serve")
    if serve is not None:
        return options | checked(options, f"requests to {serve.backend}", SERVED)
    if options and info.data.get("oracle") is not None:
        raise ValueError("the oracle takes none")
    if problem := misspelt(options, AskingApi):
        raise ValueError(problem)
    return options | typed({k: v for k, v in options.items() if k in names(AskingApi)}, AskingApi)


class Judge(Section):
    """A judge: an endpoint, a model that the job serves, or the demo's oracle."""

    model: str | None = None
    """The name that requests carry; of a served model, its own name by default."""
    answers_as: str | None = None
    """The name that the replies of an endpoint carry, where it is neither ``model`` nor a dated
    release of it, as with a deployment of one's own name. Any other name is an error."""
    api: Annotated[str, AfterValidator(_address)] | None = None
    """An OpenAI-compatible endpoint, up to and without ``/chat/completions``."""
    key: Annotated[str, AfterValidator(_variable)] | None = None
    """The environment variable that holds the key, in capitals."""
    serve: Serve | None = None
    oracle: str | None = None
    """Path of the miniature world's facts: planted verdicts."""
    options: Annotated[Options, AfterValidator(_understood)] = Field(default_factory=dict)
    """Further parameters of each request. Of a judge that is served here, those that its server
    reads; an endpoint elsewhere may know others than OpenAI's. null leaves one out that the
    endpoint does not take."""
    price: Price | None = None
    concurrency: int = Field(8, gt=0)
    """Requests under way at a time."""
    timeout: float = Field(120.0, gt=0, allow_inf_nan=False)
    """Seconds that an answer may take in all."""
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
        if self.answers_as is not None and self.api is None:
            raise ValueError("only a judge at an endpoint ('api') takes 'answers_as'")
        if fixed := sorted(FIXED & self.options.keys()):
            raise ValueError(f"options: {', '.join(fixed)} cannot be changed here")
        if self.key is not None and self.api is None:
            raise ValueError("only a judge at an endpoint ('api') takes a 'key'")
        return self
