"""Arithmetic of scoring: products of 16 bits between float32 activations.

Linear layers take nearly all the time of a forward pass. Here their operands are rounded to 16
bits, multiplied exactly and summed in float32. Embeddings, norms, attention, softmax and the
residual stream stay in float32. Weights keep the precision of their files until a layer uses
them, so a model in bfloat16 fills half the memory that it takes in float32.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from torch import nn
from transformers import PreTrainedModel

from icr.models.load import load_model

Arithmetic = Literal["float16-products", "two-part-bfloat16", "float32", "bfloat16"]
"""The first two: this module. The others: weights and activations of that type."""

SHIFT = 4
"""Activations are divided, and weights multiplied, by 2 to this power, which loses nothing.
Activations then overflow float16 above a million, and bfloat16 weights below 1e-5 stay exact."""


def float16_product(activations: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """a·Wᵀ in float32 from operands rounded to float16: 11 significant bits, as in TF32.

    ``activations`` have the shape (rows, in), ``weight`` (out, in), the result (rows, out).
    """
    rows = (activations * 2.0**-SHIFT).half()
    return _multiply(rows, (weight * 2.0**SHIFT).half())


def two_part_product(activations: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """a·Wᵀ in float32 as two bfloat16 products: of the activations, and of what rounding left.

    Together the parts hold 16 significant bits of the activations; the weight is rounded to
    bfloat16. Shapes as in :func:`float16_product`.
    """
    high = activations.bfloat16()
    low = (activations - high).bfloat16()
    rounded = weight.bfloat16()
    return _multiply(high, rounded).add_(_multiply(low, rounded))


PRODUCTS: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "float16-products": float16_product,
    "two-part-bfloat16": two_part_product,
}
"""The product of a linear layer, by arithmetic."""

ORDER: tuple[Arithmetic, ...] = ("float16-products", "two-part-bfloat16", "float32")
"""From the cheapest to the most exact."""

RELATIVE_SPEED: dict[Arithmetic, float] = {
    "float16-products": 0.85,
    "two-part-bfloat16": 0.45,
    "float32": 1 / 16,
    "bfloat16": 1.0,
}
"""Tokens per second over those of plain bfloat16, estimated and not measured.

NVIDIA's data sheet of the A100: 312 TFLOP/s in bfloat16 and float16 alike, 19.5 in float32. The
second arithmetic multiplies twice. The rest is time that float32 activations and the casts of
activations and weights take from memory; batches of 16,384 tokens, 8 billion weights."""


def load_for(folder: str | Path, arithmetic: Arithmetic) -> PreTrainedModel:
    """A causal language model on the GPU if there is one, stored as ``arithmetic`` needs it."""
    if arithmetic == "float32" or arithmetic == "bfloat16":
        return load_model(folder, arithmetic)
    model = load_model(folder, "auto")
    activations_in_float32(model)
    return model


def activations_in_float32(model: nn.Module) -> None:
    """Cast all but the linear layers to float32, in place. Changes no value."""
    for module in model.modules():
        if not isinstance(module, nn.Linear):
            own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
            for tensor in own:
                if tensor.is_floating_point():
                    tensor.data = tensor.data.float()


@contextmanager
def multiplying(model: nn.Module, arithmetic: Arithmetic) -> Iterator[None]:
    """Have the model's linear layers multiply in ``arithmetic`` inside the context.

    Where :data:`PRODUCTS` does not hold it, they multiply as the model is stored.
    """
    product = PRODUCTS.get(arithmetic)
    layers = [module for module in model.modules() if product and isinstance(module, nn.Linear)]
    for layer in layers:
        # In place of the method of its class.
        layer.__dict__["forward"] = partial(_linear, layer, product)
    try:
        yield
    finally:
        for layer in layers:
            del layer.__dict__["forward"]


def _linear(
    layer: nn.Linear,
    product: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    activations: torch.Tensor,
) -> torch.Tensor:
    result = product(activations.reshape(-1, layer.in_features), layer.weight)
    if layer.bias is not None:
        result += layer.bias
    return result.reshape(*activations.shape[:-1], layer.out_features)


def _multiply(rows: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """rows·weightᵀ of 16-bit operands, summed and returned in float32."""
    if rows.is_cuda:
        return torch.mm(rows, weight.t(), out_dtype=torch.float32)  # type: ignore[call-overload]
    # CPUs lack the instruction. Products of two such numbers are exact in float32.
    return rows.float() @ weight.float().t()
