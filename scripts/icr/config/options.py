"""Options of the backends: their names, types and checks."""

import difflib
from collections.abc import Collection, Mapping
from typing import Any, Literal

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
)
from pydantic_core.core_schema import CoreSchema, with_info_after_validator_function

from icr.config.base import Section

LONGEST_SHOWN = 15
"""Longest text that a message repeats, in characters; API keys are longer."""

Options = dict[str, int | float | str | bool | None]


class VllmSampling(Section):
    """Sampling with vLLM."""

    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    """Precision of weights and arithmetic."""
    gpu_memory: float = Field(0.9, gt=0, le=1)
    """Share of the GPU's memory."""
    max_model_len: int | None = Field(None, gt=1)
    """Maximum tokens of prompt and response together; null: the model's context."""
    enforce_eager: bool = False
    """Disable CUDA graphs."""
    batch_invariant: bool = False
    """Make samples reproducible bit for bit on the same kind and number of GPUs, but slower."""


class TransformersSampling(Section):
    """Sampling with transformers."""

    precision: Literal["float32", "bfloat16", "float16"] = "float32"
    """Precision of weights and arithmetic."""
    batch: int = Field(64, gt=0)
    """Responses generated together."""
    max_model_len: int | None = Field(None, gt=1)
    """Maximum tokens of prompt and response together; null: the model's context."""


class VllmServer(Section):
    """Command-line options of vLLM's server. ``true`` sets a flag."""

    dtype: str = "auto"
    max_model_len: int | None = Field(None, gt=1, alias="max-model-len")
    gpu_memory_utilization: float = Field(0.9, gt=0, le=1, alias="gpu-memory-utilization")
    tensor_parallel_size: int = Field(1, gt=0, alias="tensor-parallel-size")
    pipeline_parallel_size: int = Field(1, gt=0, alias="pipeline-parallel-size")
    max_num_seqs: int = Field(256, gt=0, alias="max-num-seqs")
    max_num_batched_tokens: int | None = Field(None, gt=0, alias="max-num-batched-tokens")
    max_logprobs: int = Field(20, ge=0, alias="max-logprobs")
    quantization: str | None = None
    kv_cache_dtype: str = Field("auto", alias="kv-cache-dtype")
    load_format: str = Field("auto", alias="load-format")
    tokenizer_mode: str = Field("auto", alias="tokenizer-mode")
    attention_backend: str | None = Field(None, alias="attention-backend")
    reasoning_parser: str | None = Field(None, alias="reasoning-parser")
    chat_template: str | None = Field(None, alias="chat-template")
    generation_config: str = Field("auto", alias="generation-config")
    seed: int = Field(0, ge=0)
    cpu_offload_gb: float = Field(0.0, ge=0, alias="cpu-offload-gb")
    block_size: int | None = Field(None, gt=0, alias="block-size")
    enforce_eager: Literal[True] | None = Field(None, alias="enforce-eager")
    disable_custom_all_reduce: Literal[True] | None = Field(None, alias="disable-custom-all-reduce")
    no_enable_prefix_caching: Literal[True] | None = Field(None, alias="no-enable-prefix-caching")


class LlamaServer(Section):
    """llama.cpp's server (icr.judging.llamacpp)."""

    context: int = Field(8192, gt=0)
    """Maximum tokens of a request and its answer together."""
    parallel: int = Field(1, gt=0)
    """Requests answered concurrently."""
    threads: int = Field(1, gt=0)
    gpu_layers: int = Field(0, ge=0, alias="gpu-layers")


class HarnessHf(Section):
    """lm-evaluation-harness's model class ``hf``."""

    max_length: int | None = Field(None, gt=0)
    truncation: bool = False
    max_batch_size: int | None = Field(None, gt=0)
    softmax_dtype: Literal["float32", "bfloat16", "float16"] | None = None
    mixed_precision_dtype: Literal["bfloat16", "float16"] | None = None
    add_bos_token: bool | None = None
    prefix_token_id: int | None = Field(None, ge=0)
    logits_cache: bool = True
    enable_thinking: bool | None = None
    max_memory_per_gpu: int | str | None = None
    max_cpu_memory: int | str | None = None
    attn_implementation: Literal["eager", "sdpa", "flash_attention_2", "flash_attention_3"] = "sdpa"


class HarnessVllm(Section):
    """lm-evaluation-harness's model class ``vllm``."""

    max_length: int | None = Field(None, gt=0)
    max_model_len: int | None = Field(None, gt=1)
    max_batch_size: int | None = Field(None, gt=0)
    gpu_memory_utilization: float = Field(0.9, gt=0, le=1)
    enforce_eager: bool = False
    add_bos_token: bool | None = None
    prefix_token_id: int | None = Field(None, ge=0)
    seed: int = Field(1234, ge=0)
    quantization: str | None = None
    tokenizer_mode: Literal["auto", "slow"] = "auto"
    enable_thinking: bool | None = None


class _Asking(Section):
    """Parameters of a request to an OpenAI-compatible judge; those not set are not sent."""

    temperature: float = Field(0.0, ge=0)
    top_p: float = Field(1.0, gt=0, le=1)
    seed: int = 0
    max_tokens: int = Field(1, gt=0)
    top_logprobs: int = Field(20, ge=0)
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    stop: str = ""


class AskingApi(_Asking):
    """Parameters of a request to an endpoint."""

    max_completion_tokens: int = Field(1, gt=0)
    reasoning_effort: str = ""
    verbosity: str = ""
    service_tier: str = ""
    store: bool = False
    user: str = ""


class AskingVllm(_Asking):
    """Parameters of a request to a judge that vLLM serves."""

    max_completion_tokens: int = Field(1, gt=0)
    reasoning_effort: str = ""
    top_k: int = 0
    min_p: float = Field(0.0, ge=0, le=1)
    min_tokens: int = Field(0, ge=0)
    repetition_penalty: float = Field(1.0, gt=0)
    ignore_eos: bool = False
    include_reasoning: bool = True
    thinking_token_budget: int = Field(1, ge=0)


class AskingLlama(_Asking):
    """Parameters of a request to a judge that llama.cpp serves."""

    top_k: int = 0
    min_p: float = Field(0.0, ge=0, le=1)
    repeat_penalty: float = Field(1.0, gt=0)
    grammar: str = ""
    """A grammar that the answer must match, in llama.cpp's notation."""


class Known:
    """Annotation of options: the value of the earlier field ``by`` decides their kind."""

    def __init__(self, by: str, kinds: Mapping[str, type[Section]]) -> None:
        self.by, self.kinds = by, kinds

    def check(self, options: Options, info: ValidationInfo) -> Options:
        """The options of the selected backend, each converted to its type."""
        backend = info.data.get(self.by)  # None if it is invalid itself
        return options if backend is None else checked(options, backend, self.kinds)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return with_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [kind.model_json_schema() for kind in self.kinds.values()]}


def checked(options: Options, backend: str, kinds: Mapping[str, type[Section]]) -> Options:
    """The options, each converted to its type.

    Raises ValueError for an option that ``backend`` does not know or whose value is invalid.
    """
    known = names(kinds[backend])
    for name in sorted(options.keys() - known):
        owners = [other for other, kind in kinds.items() if name in names(kind)]
        owner = f" but of {' and '.join(owners)}" if owners else ""
        raise ValueError(f"'{name}' is no option of {backend}{owner}; known: {', '.join(known)}")
    return typed(options, kinds[backend])


def typed(options: Options, kind: type[Section]) -> Options:
    """The options, each converted to its type; null options are left out.

    Raises ValueError naming the options of a wrong type or out of range.
    """
    try:
        options_set = {name: value for name, value in options.items() if value is not None}
        return kind.model_validate(options_set).model_dump(exclude_unset=True, by_alias=True)
    except ValidationError as error:
        problems = {str(p["loc"][0]): p["msg"] for p in error.errors()}
        messages = [f"{name}: {text}{_shown(options[name])}" for name, text in problems.items()]
        raise ValueError("; ".join(messages)) from None


def _shown(value: object) -> str:
    """The value for a message, unless it is a text that may be a secret."""
    secret = isinstance(value, str) and len(value) > LONGEST_SHOWN
    return "" if secret else f" (found {value!r})"


def names(kind: type[Section]) -> list[str]:
    """The names of a kind's options in the configuration."""
    return [field.alias or name for name, field in kind.model_fields.items()]


def misspelt(options: Collection[str], kind: type[Section]) -> str | None:
    """A message about an unknown option that resembles a known one; None if there is none."""
    known = names(kind)
    for name in options:
        similar = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        if similar and name not in known:
            return f"'{name}' is no option; did you mean '{similar[0]}'?"
    return None
