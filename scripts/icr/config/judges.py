"""Judges: the language models that evaluate answers."""

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
"""Request parameters that the evaluations set themselves."""
SERVED: dict[str, type[Section]] = {
    "requests to vllm": AskingVllm,
    "requests to xllamacpp": AskingLlama,
}


class Price(Section):
    """USD per million tokens."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)


class Serve(Section):
    """A server that the job starts on the loopback interface of its machine and stops."""

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
    def _check_model(self) -> Self:
        key, other = ("model", "gguf") if self.backend == "vllm" else ("gguf", "model")
        if getattr(self, key) is None or getattr(self, other) is not None:
            raise ValueError(f"backend '{self.backend}' needs '{key}', and no '{other}'")
        return self


def _address(url: str) -> str:
    """Check an endpoint's address; errors do not repeat it, as it may hold a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an address must begin with https:// (or http://) and a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(
            "an address must not hold a user, password or query; an API key belongs in an "
            "environment variable"
        )
    if parts.path.rstrip("/").endswith("/completions"):
        raise ValueError("the address must end before /chat/completions")
    return url


def _variable(name: str) -> str:
    if not VARIABLE.fullmatch(name):
        raise ValueError("must be the name of an environment variable in capitals")
    return name


def _check_options(options: Options, info: ValidationInfo) -> Options:
    """The options, each converted to its type if it is known.

    A served judge takes only the options of its server; an endpoint may take others. A null option
    stays: it removes a parameter from the request.
    """
    serve = info.data.get("serve")
    if serve is not None:
        return options | checked(options, f"requests to {serve.backend}", SERVED)
    if options and info.data.get("oracle") is not None:
        raise ValueError("the oracle takes no options")
    if problem := misspelt(options, AskingApi):
        raise ValueError(problem)
    return options | typed({k: v for k, v in options.items() if k in names(AskingApi)}, AskingApi)


class Judge(Section):
    """A judge: an endpoint, a model that the job serves, or the miniature's oracle."""

    model: str | None = None
    """The model name in requests; default for a served model: its own name."""
    answers_as: str | None = None
    """The model name in the endpoint's replies, if it is neither ``model`` nor a dated release of
    it, as with a named deployment. Any other name is an error."""
    api: Annotated[str, AfterValidator(_address)] | None = None
    """The address of an OpenAI-compatible endpoint, without ``/chat/completions``."""
    key: Annotated[str, AfterValidator(_variable)] | None = None
    """The environment variable that holds the API key, in capitals."""
    serve: Serve | None = None
    oracle: str | None = None
    """Path of the miniature world's facts, which decide the verdicts."""
    options: Annotated[Options, AfterValidator(_check_options)] = Field(default_factory=dict)
    """Further parameters of each request. A served judge takes those of its server; an endpoint may
    take others than OpenAI's. null removes a parameter that the endpoint does not take."""
    price: Price | None = None
    concurrency: int = Field(8, gt=0)
    """Maximum number of concurrent requests."""
    timeout: float = Field(120.0, gt=0, allow_inf_nan=False)
    """Seconds until an answer must be complete."""
    tries: int = Field(8, gt=0)
    """Attempts at a request, with growing pauses."""
    tolerance: float = Field(0.02, ge=0, le=1)
    """Share of the questions that may stay unanswered; with more the job fails."""

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if sum(source is not None for source in (self.api, self.serve, self.oracle)) != 1:
            raise ValueError("a judge needs exactly one of the keys api, serve and oracle")
        if self.api is not None and self.model is None:
            raise ValueError("a judge at an endpoint needs the key 'model'")
        if self.answers_as is not None and self.api is None:
            raise ValueError("only a judge at an endpoint ('api') takes 'answers_as'")
        if fixed := sorted(FIXED & self.options.keys()):
            raise ValueError(f"options: {', '.join(fixed)} cannot be changed; remove them")
        if self.key is not None and self.api is None:
            raise ValueError("only a judge at an endpoint ('api') takes a 'key'")
        return self
