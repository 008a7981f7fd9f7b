"""Arithmetic of scoring: products of 16 bits between float32 activations.

Linear layers take nearly all the time of a forward pass. Their operands are rounded to 16 bits,
multiplied exactly and summed in float32. Embeddings, norms, attention, softmax and the residual
stream stay in float32. Weights keep the precision of their files until a layer uses them, so a
model in bfloat16 fills half the memory that it takes in float32.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch
from torch import nn
from transformers import PreTrainedModel

from icr.models.load import load_model
from icr.scoring.kinds import Arithmetic

SHIFT = 4
"""Activations are divided, and weights multiplied, by 2 to this power, which rounds nothing.
Activations then fit into float16 up to a million, and weights in bfloat16 from 5e-7 to 4,000 are
exact in it."""


def float16_product(activations: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """a·Wᵀ in float32 from operands rounded to float16: 11 significant bits, as in TF32.

    ``activations`` have the shape (rows, in), ``weight`` (out, in), the result (rows, out).
    """
    rows = (activations * 2.0**-SHIFT).half()
    return _multiply(rows, (weight * 2.0**SHIFT).half())


def two_part_product(activations: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """a·Wᵀ in float32 as two bfloat16 products: of the rounded activations and of the remainder.

    Together the parts hold 16 significant bits of the activations; the weight is rounded to
    bfloat16. Shapes as in :func:`float16_product`.
    """
    high = activations.bfloat16()
    low = (activations - high).bfloat16()
    rounded = weight.bfloat16()
    return _multiply(high, rounded).add_(_multiply(low, rounded))


PRODUCTS: dict[Arithmetic, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "float16-products": float16_product,
    "two-part-bfloat16": two_part_product,
}
"""The product of a linear layer, by arithmetic."""


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

    An arithmetic that is not in :data:`PRODUCTS` leaves them as the model is stored.
    """
    product = PRODUCTS.get(arithmetic)
    if product is None:
        yield
        return
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    for layer in layers:
        # Hides the method of its class.
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
        return torch.mm(rows, weight.t(), out_dtype=torch.float32)
    # CPUs lack the instruction. Products of two 16-bit numbers are exact in float32.
    return rows.float() @ weight.float().t()
