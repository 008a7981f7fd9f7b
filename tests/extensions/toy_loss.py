"""SimPO, a loss without a reference. docs/extending.md describes it."""

from icr.training.losses import LOSSES, PairLoss, Pairs


@LOSSES.register("simpo")
@PairLoss
def simpo(pairs: Pairs, *, beta: float, gamma: float = 0.5):
    """−log σ(β·(log π(y⁺|x)/|y⁺| − log π(y⁻|x)/|y⁻|) − γ) of each pair."""
    from torch.nn.functional import logsigmoid

    chosen = pairs.chosen / pairs.chosen_tokens
    rejected = pairs.rejected / pairs.rejected_tokens
    gap = beta * (chosen - rejected) - gamma
    return -logsigmoid(gap), {"gap": gap}
