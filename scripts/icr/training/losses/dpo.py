"""DPO with an NLL term (Eq. 11)."""

from icr.training.losses.kinds import LOSSES, Losses, PairLoss, Pairs


@LOSSES.register("dpo")
@PairLoss
def dpo(pairs: Pairs, *, beta: float, nll_weight: float) -> Losses:
    """−log σ(β·Δ) − w·log π(y⁺|x)/|y⁺|, where Δ is the difference of log π/π_ref (Eq. 11).

    TRL's own ``sft`` term averages over the tokens of a micro-batch, so that long responses weigh
    more and the loss depends on how a batch is cut; Eq. 11 divides by each |y⁺|.
    """
    from torch.nn import functional as F  # noqa: N812

    margin = beta * pairs.chosen_logratio - beta * pairs.rejected_logratio
    preference = -F.logsigmoid(margin)
    nll = -pairs.chosen / pairs.chosen_tokens
    return preference + nll_weight * nll, {"dpo": preference, "nll": nll}
