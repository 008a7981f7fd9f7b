"""The same weights in higher precision, within the memory that scoring takes.

A model cast as a whole fills twice its memory. Here one part at a time is cast while it computes:
an embedding, a decoder layer, the head. What flows between them is in the higher precision.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


@contextmanager
def computing_in(model: nn.Module, dtype: torch.dtype) -> Iterator[None]:
    """Have the model compute in ``dtype`` inside the context, its weights as they are stored.

    The results are those of ``model.to(dtype)``. Afterwards the model is what it was.
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


Place = tuple[nn.Module, str]
"""A module and the name of a tensor that it holds."""


class _Cast:
    """Puts copies of some tensors in their places, and the tensors back."""

    def __init__(self, places: list[Place], dtype: torch.dtype) -> None:
        self.places, self.dtype = places, dtype
        self.stored: list[tuple[nn.Module, str, torch.Tensor, torch.Tensor]] = []

    def on(self, *_: Any) -> None:
        """Before the part computes."""
        for module, name in self.places:
            tensor = getattr(module, name)
            copy = tensor.detach().to(self.dtype)
            if isinstance(tensor, nn.Parameter):
                copy = nn.Parameter(copy, requires_grad=False)
            setattr(module, name, copy)
            self.stored.append((module, name, tensor, copy))

    def off(self, *_: Any) -> None:
        """After it, also if it failed. A buffer that it has replaced itself is left alone."""
        for module, name, tensor, copy in self.stored:
            if getattr(module, name) is copy:
                setattr(module, name, tensor)
        self.stored = []


def _parts(module: nn.Module) -> Iterator[tuple[nn.Module, list[Place]]]:
    """What is cast together, with all weights and buffers of floating point in one part or another.

    Each element of a list of layers is one part; elsewhere, what a module itself holds.
    """
    if own := _floating(module):
        yield module, own
    for child in module.children():
        if isinstance(module, nn.ModuleList):
            yield child, [place for inner in child.modules() for place in _floating(inner)]
        else:
            yield from _parts(child)


def _floating(module: nn.Module) -> list[Place]:
    held = [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]
    return [(module, name) for name, tensor in held if torch.is_floating_point(tensor)]
