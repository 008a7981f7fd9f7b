"""Models in each arithmetic of scoring that is measured: the workflow's, and others beside them."""

from contextlib import contextmanager

import torch
from torch import nn

from icr.models.load import load_model
from icr.scoring import arithmetic
from icr.scoring.arithmetic import load_for, multiplying

BFLOAT16_PRODUCTS = "bfloat16-products"
"""One product of operands rounded to bfloat16, with float32 between the layers."""
FLOAT32_HEAD = "bfloat16, float32 head"


@contextmanager
def opened(folder, name):
    """The model in ``folder``, computing in the arithmetic ``name`` inside the context."""
    if name == "tf32":
        torch.set_float32_matmul_precision("high")
        try:
            yield load_model(folder, "float32")
        finally:
            torch.set_float32_matmul_precision("highest")
    elif name == FLOAT32_HEAD:
        model = load_model(folder, "bfloat16")
        _use_float32_head(model)
        yield model
    elif name == BFLOAT16_PRODUCTS:
        model = load_for(folder, name)
        arithmetic.PRODUCTS[name] = _bfloat16_product
        try:
            with multiplying(model, name):
                yield model
        finally:
            del arithmetic.PRODUCTS[name]
    else:
        model = load_for(folder, name)
        with multiplying(model, name):
            yield model


def _bfloat16_product(activations, weight):
    return arithmetic._multiply(activations.bfloat16(), weight.bfloat16())


def _use_float32_head(model):
    """Replace the output layer, which may share its weight with the embedding."""
    weight = model.get_output_embeddings().weight
    head = nn.Linear(weight.shape[1], weight.shape[0], bias=False, device="meta")
    head.weight = nn.Parameter(weight.detach().float(), requires_grad=False)
    head.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
    model.set_output_embeddings(head)
