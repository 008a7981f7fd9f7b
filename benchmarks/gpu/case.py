"""What is measured: the model's shape, and how much of each kind of work."""

from dataclasses import dataclass
from pathlib import Path

from icr.cluster.calibration import Load


@dataclass(frozen=True)
class Case:
    """A model's shape, and the loads that it is measured under."""

    model: dict[str, int]
    """Sizes, as keywords of LlamaConfig."""
    scoring: Load
    token_budget: int
    """Of a batch in scoring."""
    sampling: Load
    chunk: int
    """Prompts sampled together where sampling is chunked."""
    pairs: int
    """Of the usual length, in training."""
    micro_batch: int
    response_tokens: int
    """Of each response of those pairs."""
    long_tokens: int
    """Of each response of one further pair."""
    prompt_tokens: int
    """Of each pair."""
    product: int
    """Rows, columns and depth of the matrix product whose rate is measured."""
    toy: bool = False
    """Whether the sizes only try the command, so that no goal holds."""
    folder: Path = Path()
    """The written model."""
    scratch: Path = Path()
    """Where else files are written."""


LLAMA_3_8B = Case(
    model={
        "vocab_size": 128_256,
        "hidden_size": 4096,
        "intermediate_size": 14_336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "max_position_embeddings": 8192,
    },
    scoring=Load(50, 10, 250, 480, 2400),
    token_budget=16_384,
    sampling=Load(500, 10, 250, 480, 2400),
    chunk=100,
    pairs=32,
    micro_batch=4,
    prompt_tokens=250,
    response_tokens=480,
    long_tokens=2650,
    product=8192,
)
TINY = Case(
    model={
        "vocab_size": 512,
        "hidden_size": 128,
        "intermediate_size": 256,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "max_position_embeddings": 512,
    },
    scoring=Load(3, 2, 8, 10, 30),
    token_budget=256,
    sampling=Load(4, 2, 8, 10, 30),
    chunk=2,
    pairs=3,
    micro_batch=2,
    prompt_tokens=8,
    response_tokens=10,
    long_tokens=40,
    product=128,
    toy=True,
)
CASES = {"llama-3-8b": LLAMA_3_8B, "tiny": TINY}
