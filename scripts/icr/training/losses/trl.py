"""The losses of TRL's DPO trainer that are sums over pairs, as ``trl/{name}``.

Values and defaults are TRL's. docs/extending.md says which of its losses are missing, and why.
"""

import math
from typing import TYPE_CHECKING

from icr.errors import InputError
from icr.training.losses.kinds import LOSSES, Losses, PairLoss, Pairs

if TYPE_CHECKING:
    from torch import Tensor


@LOSSES.register("trl/sigmoid")
@PairLoss
def sigmoid(pairs: Pairs, *, beta: float) -> Losses:
    """DPO without an NLL term (arXiv 2305.18290, Eq. 7)."""
    from torch.nn import functional as F  # noqa: N812

    return -F.logsigmoid(beta * pairs.logratio), {}


@LOSSES.register("trl/sigmoid_norm")
@PairLoss
def sigmoid_norm(pairs: Pairs, *, beta: float) -> Losses:
    """DPO on log-ratios per token."""
    from torch.nn import functional as F  # noqa: N812

    return -F.logsigmoid(beta * _logratio_per_token(pairs)), {}


@LOSSES.register("trl/hinge")
@PairLoss
def hinge(pairs: Pairs, *, beta: float) -> Losses:
    """A margin of 1 on β·Δ (SLiC, arXiv 2305.10425)."""
    return (1 - beta * pairs.logratio).relu(), {}


@LOSSES.register("trl/ipo")
@PairLoss
def ipo(pairs: Pairs, *, beta: float) -> Losses:
    """IPO on log-ratios per token (arXiv 2310.12036, Eq. 17); β is its τ."""
    return (_logratio_per_token(pairs) - 1 / (2 * beta)).square(), {}


@LOSSES.register("trl/exo_pair")
@PairLoss
def exo_pair(pairs: Pairs, *, beta: float, label_smoothing: float = 1e-3) -> Losses:
    """EXO (arXiv 2402.00856, Eq. 16): KL of the policy's preference from (1 − ε, ε).

    Raises InputError unless 0 < ε < 1.
    """
    from torch.nn import functional as F  # noqa: N812

    if not 0 < label_smoothing < 1:
        raise InputError(f"loss_settings.label_smoothing: {label_smoothing} is not between 0 and 1")
    margin = beta * pairs.logratio
    right = F.logsigmoid(margin)
    wrong = F.logsigmoid(-margin)
    divergence = right.exp() * (right - math.log1p(-label_smoothing))
    return divergence + wrong.exp() * (wrong - math.log(label_smoothing)), {}


@LOSSES.register("trl/nca_pair")
@PairLoss
def nca_pair(pairs: Pairs, *, beta: float) -> Losses:
    """NCA (arXiv 2402.05369): each response against noise, the chosen one twice."""
    from torch.nn import functional as F  # noqa: N812

    chosen = beta * pairs.chosen_logratio
    noise = F.logsigmoid(-chosen) + F.logsigmoid(-beta * pairs.rejected_logratio)
    return -F.logsigmoid(chosen) - noise / 2, {}


@LOSSES.register("trl/robust")
@PairLoss
def robust(pairs: Pairs, *, beta: float, label_smoothing: float = 0.0) -> Losses:
    """DPO that assumes that a share ε of the pairs is mislabelled (arXiv 2403.00409).

    Raises InputError unless 0 ≤ ε < 1/2.
    """
    from torch.nn import functional as F  # noqa: N812

    if not 0 <= label_smoothing < 0.5:
        raise InputError(f"loss_settings.label_smoothing: {label_smoothing} is not in [0, 0.5)")
    margin = beta * pairs.logratio
    right = (1 - label_smoothing) * F.logsigmoid(margin)
    wrong = label_smoothing * F.logsigmoid(-margin)
    return (wrong - right) / (1 - 2 * label_smoothing), {}


@LOSSES.register("trl/bco_pair")
@PairLoss
def bco_pair(pairs: Pairs, *, beta: float) -> Losses:
    """Each response classified as chosen or rejected, without BCO's reward shift."""
    from torch.nn import functional as F  # noqa: N812

    chosen = F.logsigmoid(beta * pairs.chosen_logratio)
    return -chosen - F.logsigmoid(-beta * pairs.rejected_logratio), {}


@LOSSES.register("trl/sppo_hard")
@PairLoss
def sppo_hard(pairs: Pairs, *, beta: float) -> Losses:
    """SPPO where the chosen response always wins (arXiv 2405.00675, Eq. 4.7)."""
    goal = 0.5 / beta
    return (pairs.chosen_logratio - goal).square() + (pairs.rejected_logratio + goal).square(), {}


@LOSSES.register("trl/apo_zero")
@PairLoss
def apo_zero(pairs: Pairs, *, beta: float) -> Losses:
    """APO-zero (arXiv 2408.06266, Eq. 7): chosen up, rejected down."""
    chosen = (beta * pairs.chosen_logratio).sigmoid()
    return 1 - chosen + (beta * pairs.rejected_logratio).sigmoid(), {}


@LOSSES.register("trl/apo_down")
@PairLoss
def apo_down(pairs: Pairs, *, beta: float) -> Losses:
    """APO-down (arXiv 2408.06266, Eq. 8): both down, rejected more."""
    return (beta * pairs.chosen_logratio).sigmoid() + 1 - (beta * pairs.logratio).sigmoid(), {}


@LOSSES.register("trl/discopop")
@PairLoss
def discopop(pairs: Pairs, *, beta: float, discopop_tau: float = 0.05) -> Losses:
    """DiscoPOP (arXiv 2406.08414, Eq. 5): logistic and exponential loss, mixed by the margin."""
    from torch.nn import functional as F  # noqa: N812

    margin = beta * pairs.logratio
    share = (margin / discopop_tau).sigmoid()
    return (1 - share) * -F.logsigmoid(margin) + share * (-margin).exp(), {}


def _logratio_per_token(pairs: Pairs) -> "Tensor":
    """Δ of log-ratios that are means over tokens; shape (pairs,)."""
    chosen = pairs.chosen_logratio / pairs.chosen_tokens
    return chosen - pairs.rejected_logratio / pairs.rejected_tokens
