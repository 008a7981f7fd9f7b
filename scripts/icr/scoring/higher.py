"""The same weights in higher precision, within the memory that scoring takes.

A model cast as a whole takes twice its memory. Here one part at a time is cast while it computes:
an embedding, a decoder layer, the head. Activations between them are in the higher precision.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


@contextmanager
def computing_in(model: nn.Module, dtype: torch.dtype) -> Iterator[None]:
    """Have the model compute in ``dtype`` inside the context; its weights stay as stored.

    The results are those of ``model.to(dtype)``. Afterwards the model is unchanged.
    """
    handles = []
    for part, tensors in _parts(model):
        cast = _Cast(tensors, dtype)
        handles += [
            part.register_forward_pre_hook(cast.on),
            part.register_forward_hook(cast.off, always_call=True),
        ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


Holder = tuple[nn.Module, str]
"""A module and the name of a tensor that it holds."""


class _Cast:
    """Replaces some tensors by copies in another precision, and restores them."""

    def __init__(self, holders: list[Holder], dtype: torch.dtype) -> None:
        self.holders, self.dtype = holders, dtype
        self.stored: list[tuple[nn.Module, str, torch.Tensor, torch.Tensor]] = []

    def on(self, *_: Any) -> None:
        """Replace the tensors, before the part computes."""
        for module, name in self.holders:
            tensor = getattr(module, name)
            copy = tensor.detach().to(self.dtype)
            if isinstance(tensor, nn.Parameter):
                copy = nn.Parameter(copy, requires_grad=False)
            setattr(module, name, copy)
            self.stored.append((module, name, tensor, copy))

    def off(self, *_: Any) -> None:
        """Restore them afterwards, even after an error, except a buffer that the part replaced."""
        for module, name, tensor, copy in self.stored:
            if getattr(module, name) is copy:
                setattr(module, name, tensor)
        self.stored = []


def _parts(module: nn.Module) -> Iterator[tuple[nn.Module, list[Holder]]]:
    """Modules with the tensors that are cast together: all floating-point weights and buffers.

    Each element of a list of layers is one part, as are the tensors that another module holds
    itself.
    """
    if own := _floating(module):
        yield module, own
    for child in module.children():
        if isinstance(module, nn.ModuleList):
            yield child, [holder for inner in child.modules() for holder in _floating(inner)]
        else:
            yield from _parts(child)


def _floating(module: nn.Module) -> list[Holder]:
    held = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
    return [(module, name) for name, tensor in held if torch.is_floating_point(tensor)]
