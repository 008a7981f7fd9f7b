"""KTO (Eq. 16): chosen responses are desirable, rejected ones undesirable."""

from icr.training.losses.kinds import LOSSES, Losses, Responses, UnpairedLoss


@LOSSES.register("kto")
@UnpairedLoss
def kto(
    responses: Responses, *, beta: float, desirable_weight: float, undesirable_weight: float
) -> Losses:
    """λ·(1 − σ(±β·(log π/π_ref − z))): + for desirable, − for undesirable responses (Eq. 16).

    Eq. 16 prints z outside of β; the loss that it cites, and the trainers in use, multiply it by β
    as here.
    """
    import torch

    reward = beta * (responses.policy - responses.reference)
    sign = responses.desirable.to(reward.dtype) * 2 - 1
    weight = torch.where(responses.desirable, desirable_weight, undesirable_weight)
    return weight * (1 - torch.sigmoid(sign * (reward - beta * responses.kl))), {}
