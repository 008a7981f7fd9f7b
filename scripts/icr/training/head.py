"""Log-probabilities of tokens from a model's last hidden states, with float32 logits."""

from typing import Any

import torch

CHUNK = 2048
"""Tokens whose logits are held at a time: 1 GB for a vocabulary of 128,000."""


def token_logps(states: torch.Tensor, weight: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Log-probability of each target in float32, shape (tokens,).

    ``states`` are (tokens, hidden size), ``weight`` is that of the output layer, (vocabulary,
    hidden size). Logits are never rounded to half precision, and never held for all tokens: the
    backward pass computes them again.
    """
    device = states.device.type
    half = torch.is_autocast_enabled(device)
    dtype = torch.get_autocast_dtype(device) if half else states.dtype
    return _TokenLogps.apply(states, weight, targets, dtype)


def _product(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """The matrix product in float32; the products of half-precision factors are exact."""
    if left.is_cuda and left.dtype in (torch.bfloat16, torch.float16):
        return torch.mm(left, right, out_dtype=torch.float32)
    return left.float() @ right.float()


class _TokenLogps(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, states: Any, weight: Any, targets: Any, dtype: torch.dtype) -> Any:
        ctx.dtype = dtype
        normalisers, logps = [], []
        with torch.autocast(states.device.type, enabled=False):
            head = weight.to(dtype).t()
            for part, of_part in zip(states.split(CHUNK), targets.split(CHUNK), strict=True):
                logits = _product(part.to(dtype), head)
                normalisers.append(logits.logsumexp(dim=1))
                logps.append(logits.gather(1, of_part[:, None])[:, 0] - normalisers[-1])
        ctx.save_for_backward(states, weight, targets, torch.cat(normalisers))
        return torch.cat(logps)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        states, weight, targets, normalisers = ctx.saved_tensors
        of_states = []
        of_weight = None
        if ctx.needs_input_grad[1]:
            of_weight = torch.zeros_like(weight, dtype=torch.float32)
        parts = (t.split(CHUNK) for t in (states, targets, normalisers, gradients[0]))
        with torch.autocast(states.device.type, enabled=False):
            head = weight.to(ctx.dtype)
            for part, of_part, normaliser, gradient in zip(*parts, strict=True):
                part = part.to(ctx.dtype)
                # d log π(target) / d logits = 1[target] − π
                slope = (_product(part, head.t()) - normaliser[:, None]).exp_().neg_()
                slope.scatter_add_(1, of_part[:, None], torch.ones_like(slope[:, :1]))
                slope = (slope * gradient[:, None]).to(ctx.dtype)
                of_states.append(_product(slope, head).to(states.dtype))
                if of_weight is not None:
                    of_weight += _product(slope.t(), part)
        if of_weight is not None:
            of_weight = of_weight.to(weight.dtype)
        return torch.cat(of_states), of_weight, None, None
