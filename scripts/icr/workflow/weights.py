"""Memory of a model's weights: on the host, and on the GPUs of scoring and training."""

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
"""Bytes of a weight by precision; 4 for any other, such as ``auto``, which may use float32."""
WORKING = 12
"""GB of a training GPU for activations (gradient checkpointing, one pair) and communication."""


def host(parameters: float, precision: str) -> float:
    """MB of the weights on the host."""
    return parameters * BYTES.get(precision, 4) / 1e6


def gpu_gb(parameters: float, precision: str, processes: int = 0) -> float:
    """GB of each GPU that weights fill in scoring, or weights and optimizer in training.

    Training in so many ``processes`` takes 16 bytes a parameter in float32: weights, gradients and
    AdamW's two moments. Several processes share these (ZeRO-2), and each also holds the weights in
    ``precision``. A single process computes with its float32 weights, or a copy in lower precision.
    """
    weights = host(parameters, precision) / 1e3
    if not processes:
        return weights
    own = 0.0 if processes == 1 and precision == "float32" else weights
    return parameters * 16 / processes / 1e9 + own


def fewest(parameters: float, precision: str, gb: float) -> int:
    """Fewest training processes, a power of two, that fit GPUs of so many GB.

    Raises ValueError if none do.
    """
    processes = 1
    while gpu_gb(parameters, precision, processes) + WORKING > gb:
        processes *= 2
        if host(parameters, precision) / 1e3 + WORKING > gb:
            raise ValueError(f"the weights of {parameters:g} parameters leave no room in {gb} GB")
    return processes
