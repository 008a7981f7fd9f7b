"""What a training is told."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of one training; the configuration's section of the same name explains them."""

    loss: Literal["dpo", "kto"] = "dpo"
    beta: float = 0.1
    nll_weight: float = 1.0
    learning_rate: float = 5e-7
    global_batch: int = 16
    micro_batch: int = 1
    epochs: int = 1
    warmup: float = 0.03
    weight_decay: float = 0.0
    max_length: int | None = None
    precision: Literal["float32", "bfloat16"] = "bfloat16"
    save_precision: Literal["float32", "bfloat16"] = "bfloat16"
    gradient_checkpointing: bool = True
    save_every: int = 100
    lora: dict[str, Any] | None = None
    desirable_weight: float = 1.0
    undesirable_weight: float = 1.0
    seed: int = 42
