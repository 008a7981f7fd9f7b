"""The kinds of arithmetic of scoring."""

from typing import Literal

Arithmetic = Literal["float16-products", "two-part-bfloat16", "float32", "bfloat16"]
"""The first two: :mod:`icr.scoring.arithmetic`. The others: weights and activations of that type.
"""

ORDER: tuple[Arithmetic, ...] = ("float16-products", "two-part-bfloat16", "float32")
"""The choices of ``scoring.precision: auto``, from the cheapest to the most exact."""

RELATIVE_SPEED: dict[Arithmetic, float] = {
    "float16-products": 0.85,
    "two-part-bfloat16": 0.45,
    "float32": 1 / 12,
    "bfloat16": 1.0,
}
"""Tokens per second over those in plain bfloat16, on one GPU: estimated, not measured.

The data sheet of the A100 gives 312 TFLOP/s in bfloat16 and in float16, and 19.5 in float32, of
which the plan expects 120 and 10 (icr.workflow.rates). The second arithmetic multiplies twice.
The rest is memory traffic of float32 activations and of the casts of activations and weights, in
batches of 16,384 tokens with 8 billion weights."""
