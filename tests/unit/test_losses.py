"""Losses: numbers by hand, TRL's own, and the settings that each takes."""

import math
import re
from collections import defaultdict
from dataclasses import fields
from types import SimpleNamespace

import pytest
import torch
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer

from icr.errors import InputError
from icr.training.losses import LOSSES, PairLoss, Pairs, Responses, UnpairedLoss
from icr.training.settings import TrainingSettings

LEFT_OUT = {"aot", "aot_unpaired", "sft"}
"""Losses of TRL's that depend on what else is in a micro-batch."""
BETA = 0.3


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def pairs(*rows):
    """Each row: chosen, rejected, reference of both, tokens of both."""
    columns = zip(*rows, strict=True)
    return Pairs(*(torch.tensor(column, dtype=torch.float64) for column in columns))


SOME = pairs((-10.0, -12.0, -11.0, -11.5, 4, 5), (-7.0, -3.0, -6.5, -4.0, 2, 1),
             (-30.0, -31.0, -38.0, -25.0, 9, 8))  # fmt: skip


def test_dpo_is_equation_11_by_hand():
    losses, metrics = LOSSES["dpo"].function(SOME, beta=0.5, nll_weight=2.0)
    margins = [0.5 * ((-10 + 11) - (-12 + 11.5)), 0.5 * ((-7 + 6.5) - (-3 + 4)),
               0.5 * ((-30 + 38) - (-31 + 25))]  # fmt: skip
    dpo = [-math.log(sigmoid(margin)) for margin in margins]
    nll = [10 / 4, 7 / 2, 30 / 9]
    assert metrics["dpo"].tolist() == pytest.approx(dpo)
    assert metrics["nll"].tolist() == pytest.approx(nll)
    assert losses.tolist() == pytest.approx([d + 2 * n for d, n in zip(dpo, nll, strict=True)])


def test_kto_is_equation_16_by_hand():
    two = [torch.tensor([-10.0, -7.0]), torch.tensor([-12.0, -6.0]), torch.tensor([4, 2])]
    responses = Responses(*two, torch.tensor([True, False]), torch.tensor(0.25))
    losses, _ = LOSSES["kto"].function(
        responses, beta=0.5, desirable_weight=1.5, undesirable_weight=0.1
    )
    by_hand = [1.5 * (1 - sigmoid(0.5 * (2 - 0.25))), 0.1 * (1 - sigmoid(-0.5 * (-1 - 0.25)))]
    assert losses.tolist() == pytest.approx(by_hand)


def of_trl(name, some, **settings):
    """The loss that TRL's trainer gives some pairs, of which each token is as likely."""
    given = [getattr(some, field.name) for field in fields(some)]
    tokens = torch.cat(given[4:]).long()
    width = int(tokens.max())
    mask = torch.arange(width) < tokens[:, None]
    per_token = torch.cat(given[:2])[:, None] / tokens[:, None] * mask
    before = torch.zeros(len(tokens), 1, dtype=torch.long)  # the prompt's one token
    nothing = torch.zeros_like(per_token)
    outputs = SimpleNamespace(
        log_probs=per_token, entropy=nothing, mean_logits=nothing, is_top1=nothing.bool()
    )
    inputs = {
        "input_ids": torch.cat([before, mask.long()], dim=1),
        "attention_mask": torch.cat([before + 1, mask.long()], dim=1),
        "completion_mask": torch.cat([before, mask.long()], dim=1),
        "ref_chosen_logps": some.reference_chosen,
        "ref_rejected_logps": some.reference_rejected,
    }

    def same(value):
        return value

    config = DPOConfig(output_dir="unused", use_cpu=True, report_to="none", bf16=False)
    trainer = SimpleNamespace(
        model=SimpleNamespace(training=True), args=SimpleNamespace(discopop_tau=0.05),
        accelerator=SimpleNamespace(device="cpu", gather=same, gather_for_metrics=same),
        aux_loss_enabled=False, ld_alpha=None, precompute_ref_logps=True, beta=BETA,
        f_divergence_type=config.f_divergence_type, loss_types=[name], loss_weights=[1.0],
        label_smoothing=config.label_smoothing, use_weighting=False, _total_train_tokens=0,
        _tp_size=1, _metrics={"train": defaultdict(list)},
    )  # fmt: skip
    for key, value in settings.items():
        setattr(trainer.args if key == "discopop_tau" else trainer, key, value)
    return DPOTrainer._compute_loss(trainer, lambda **_: outputs, inputs, False).item()


def each(some):
    """Every pair alone."""
    columns = [getattr(some, field.name) for field in fields(some)]
    return [Pairs(*(column[i : i + 1] for column in columns)) for i in range(len(columns[0]))]


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        *((name, {}) for name in ("sigmoid", "sigmoid_norm", "hinge", "ipo", "nca_pair", "robust",
                                  "bco_pair", "sppo_hard", "apo_zero", "apo_down", "discopop")),
        ("exo_pair", {"label_smoothing": 1e-3}),
        ("exo_pair", {"label_smoothing": 0.2}),
        ("robust", {"label_smoothing": 0.1}),
        ("discopop", {"discopop_tau": 0.5}),
    ],
)  # fmt: skip
def test_trls_losses_are_trls(name, settings):
    """Of all pairs together and of each alone: they are exact however a batch is cut."""
    losses, _ = LOSSES[f"trl/{name}"].function(SOME, beta=BETA, **settings)
    near = 1e-6  # TRL keeps the label smoothing of exo_pair in float32
    assert losses.mean().item() == pytest.approx(of_trl(name, SOME, **settings), rel=near)
    alone = [of_trl(name, pair, **settings) for pair in each(SOME)]
    assert losses.tolist() == pytest.approx(alone, rel=near)


@pytest.mark.parametrize("name", sorted(LEFT_OUT))
def test_a_loss_of_trls_that_depends_on_the_micro_batch_is_left_out(name):
    alone = [of_trl(name, pair) for pair in each(SOME)]
    assert abs(of_trl(name, SOME) - sum(alone) / len(alone)) > 0.01
    assert f"trl/{name}" not in LOSSES


def test_no_loss_of_trls_is_forgotten():
    text = next(f for f in fields(DPOConfig) if f.name == "loss_type").metadata["help"]
    theirs = set(re.findall(r"'(\w+)'", text.partition("If multiple")[0]))
    assert {name.removeprefix("trl/") for name in LOSSES if "/" in name} == theirs - LEFT_OUT


@pytest.mark.parametrize("name", ["trl/robust", "trl/exo_pair"])
def test_label_smoothing_has_a_range(name):
    with pytest.raises(InputError, match=r"label_smoothing: 1\.5"):
        LOSSES[name].function(SOME, beta=BETA, label_smoothing=1.5)


def test_a_loss_says_which_settings_it_takes():
    assert LOSSES["dpo"].unused == {"desirable_weight", "undesirable_weight"}
    assert LOSSES["kto"].unused == {"nll_weight"}
    assert LOSSES["trl/ipo"].unused == LOSSES["dpo"].unused | LOSSES["kto"].unused
    assert LOSSES["trl/robust"].own == {"label_smoothing": 0.0} and not LOSSES["dpo"].own
    bound = LOSSES["trl/robust"].bind(
        TrainingSettings(loss="trl/robust", beta=0.7, loss_settings={"label_smoothing": 0.25})
    )
    expected, _ = LOSSES["trl/robust"].function(SOME, beta=0.7, label_smoothing=0.25)
    assert torch.equal(bound(SOME)[0], expected)


def test_settings_of_a_loss_are_checked():
    loss = PairLoss(lambda pairs, *, beta, gamma=0.5, twice=False, count=1: None)
    assert loss.typed({"gamma": 1, "twice": True}) == {"gamma": 1.0, "twice": True}
    assert type(loss.typed({"gamma": 1})["gamma"]) is float
    with pytest.raises(InputError, match="'gama' is not a setting of this loss; known: count, ga"):
        loss.typed({"gama": 1})
    with pytest.raises(InputError, match=r"'gamma' is True; .* type float, like .* 0\.5"):
        loss.typed({"gamma": True})
    with pytest.raises(InputError, match="'count' is 1.5; it must be of type int"):
        loss.typed({"count": 1.5})
    with pytest.raises(InputError, match="this loss; known: none"):
        LOSSES["dpo"].typed({"label_smoothing": 0.1})


def test_a_setting_of_a_loss_needs_a_default():
    with pytest.raises(InputError, match="its setting 'gamma' needs a number"):
        UnpairedLoss(lambda responses, *, gamma: None)
