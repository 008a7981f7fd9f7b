"""Rows without padding give what padded rows give: log-probabilities, gradients, trainings."""

# ruff: noqa: F811 (the fixtures of test_training)

import pytest
import torch
from datasets import Dataset
from test_training import same_curves, start, trained, write_pairs  # noqa: F401
from transformers import AutoModelForCausalLM
from trl.trainer.utils import add_fused_lm_head

from icr.training import balance, build, head, packing
from icr.training.balance import BalancedSampler, balanced
from icr.training.data import reference_batch, row_tokens
from icr.training.exact import ExactMeans
from icr.training.head import token_logps
from icr.training.packing import can_pack, pack


def rows():
    """Three padded rows, the last without a response."""
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(5, 261, (3, 12), generator=generator)
    attended = torch.ones_like(ids)
    labels = ids.clone()
    for row, (prompt, length) in enumerate([(3, 12), (2, 7), (5, 5)]):
        attended[row, length:] = 0
        labels[row, :prompt] = labels[row, length:] = -100
    return {"input_ids": ids, "attention_mask": attended, "labels": labels}


@pytest.mark.parametrize("checkpointing", [False, True])
def test_packed_rows_have_the_log_probabilities_and_gradients_of_padded_ones(start, checkpointing):
    weights = torch.tensor([1.0, -0.3, 2.0])
    results = []
    for prepare in (add_fused_lm_head, pack):
        model = AutoModelForCausalLM.from_pretrained(start)
        model.train()
        prepare(model)
        if checkpointing:
            model.gradient_checkpointing_enable()
        logps = model(**rows(), fused_lm_head=True).log_probs
        (weights @ logps.sum(dim=1)).backward()
        results.append((logps, {name: p.grad for name, p in model.named_parameters()}))
    (padded, slopes), (packed, unpadded) = results
    assert packed.shape == padded.shape == (3, 11) and (packed[0] != 0).sum() == 9
    torch.testing.assert_close(packed, padded, atol=1e-5, rtol=0)
    torch.testing.assert_close(unpadded, slopes, atol=1e-5, rtol=1e-4)


def test_rows_without_any_response_have_a_gradient_of_0(start):
    model = AutoModelForCausalLM.from_pretrained(start)
    pack(model)
    batch = rows()
    batch["labels"] = torch.full_like(batch["labels"], -100)
    model(**batch).log_probs.sum().backward()
    assert all((p.grad == 0).all() for p in model.parameters())


def test_a_model_that_attends_otherwise_is_not_packed(start):
    model = AutoModelForCausalLM.from_pretrained(start)
    assert can_pack(model)
    others = {"sliding_window": 8, "final_logit_softcapping": 30.0, "attention_dropout": 0.1}
    for name, value in others.items():
        setattr(model.config, name, value)
        assert not can_pack(model), name
        setattr(model.config, name, None)
    assert can_pack(model)


@pytest.mark.parametrize(
    ("dtype", "value_error", "slope_error"),
    [(torch.float32, 1e-5, 1e-5), (torch.bfloat16, 1e-5, 5e-3)],
)
def test_logits_are_not_rounded(monkeypatch, dtype, value_error, slope_error):
    """Against float64 on the same inputs; the gradient's factors have the inputs' precision."""
    monkeypatch.setattr(head, "CHUNK", 4)
    generator = torch.Generator().manual_seed(1)
    inputs = [torch.randn(size, generator=generator) for size in ((10, 16), (50, 16))]
    inputs = [tensor.to(dtype).requires_grad_() for tensor in inputs]
    exact = [tensor.detach().double().requires_grad_() for tensor in inputs]
    targets = torch.randint(50, (10,), generator=generator)
    logps = token_logps(*inputs, targets)
    expected = torch.log_softmax(exact[0] @ exact[1].T, dim=1).gather(1, targets[:, None])[:, 0]
    assert logps.dtype == torch.float32
    torch.testing.assert_close(logps.double(), expected, atol=value_error, rtol=0)
    for result in (logps, expected):
        (result * torch.arange(10) / 10).sum().backward()
    for tensor, known in zip(inputs, exact, strict=True):
        error = (tensor.grad.double() - known.grad).norm() / known.grad.norm()
        assert error < slope_error


@pytest.mark.parametrize("changes", [{}, {"loss": "kto"}, {"lora": {"r": 2, "alpha": 4}}])
def test_a_training_without_padding_equals_a_padded_one(tmp_path, trained, monkeypatch, changes):
    """10 pairs in steps of 4 + 4 + 2; KTO's padding rows have no response."""
    file = write_pairs(tmp_path / "en.parquet", 10)
    settings = {"micro_batch": 2, "learning_rate": 1e-3, **changes}
    weights, curves, _ = trained(file, "padded", **settings)
    monkeypatch.setattr(build, "packs", lambda *_: True)
    calls = []
    attention = packing.packed_attention
    monkeypatch.setattr(
        packing, "packed_attention", lambda *a, **k: calls.append(1) or attention(*a, **k)
    )
    packed, table, _ = trained(file, "packed", **settings)
    assert calls, "else nothing was packed"
    same_curves(curves, table)
    torch.testing.assert_close(packed, weights, atol=1e-4, rtol=0)


def test_the_balanced_order_trains_the_same_policy(tmp_path, trained, monkeypatch):
    """One process takes the micro-batches of two in turn; the last step is smaller."""
    file = write_pairs(tmp_path / "en.parquet", 10, most=30)
    settings = {"micro_batch": 1, "learning_rate": 1e-3}
    weights, curves, _ = trained(file, "plain", **settings)

    reordered = []

    def two_processes(trainer, _=None):
        tokens = row_tokens(trainer.train_dataset)
        return BalancedSampler(trainer._row_order(), tokens, 4, processes=2, micro_batch=1)

    def deal(rows, *sizes):
        order = balanced(rows, *sizes)
        reordered.append(order != rows)
        return order

    monkeypatch.setattr(ExactMeans, "_get_train_sampler", two_processes)
    monkeypatch.setattr(balance, "balanced", deal)
    policy, table, _ = trained(file, "balanced", **settings)
    assert any(reordered)
    same_curves(curves, table)
    assert table["loss"].tolist() == pytest.approx(curves["loss"].tolist(), abs=1e-5)
    torch.testing.assert_close(policy, weights, atol=1e-5, rtol=0)


def test_a_row_counts_its_prompt_with_each_response():
    pairs = {"prompt_ids": [[1, 2]], "chosen_ids": [[3, 4, 5]], "rejected_ids": [[6]]}
    assert row_tokens(Dataset.from_dict(pairs)) == [8]
    assert reference_batch(Dataset.from_dict(pairs)) == 32_768 // 8
    responses = {"prompt_ids": [[1]], "completion_ids": [[2, 3]], "KL_completion_ids": [[4]]}
    assert row_tokens(Dataset.from_dict({**responses, "label": [True]})) == [5]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="kernels for GPUs")
def test_the_kernels_of_a_gpu_compute_the_same():
    """Attention with shared keys, and the head, in bfloat16 against float32 and float64."""
    generator = torch.Generator("cuda").manual_seed(2)

    def draw(*shape):
        return torch.randn(shape, generator=generator, device="cuda").bfloat16()

    states = [draw(1, heads, 40, 64).requires_grad_() for heads in (4, 2, 2)]
    exact = [tensor.detach().float().requires_grad_() for tensor in states]
    starts = torch.tensor([0, 7, 31, 40], dtype=torch.int32, device="cuda")
    slopes = []
    for inputs in (states, exact):
        out, _ = packing.packed_attention(
            None, *inputs, None, cu_seq_lens_q=starts, max_length_q=24
        )
        assert out.shape == (1, 40, 4, 64)
        out.float().square().sum().backward()
        slopes.append([out, *(tensor.grad for tensor in inputs)])
    for half, full in zip(*slopes, strict=True):
        assert (half.float() - full).norm() < 0.02 * full.norm()
    hidden, weight = draw(10, 64), draw(500, 64)
    targets = torch.arange(10, device="cuda")
    expected = torch.log_softmax(hidden.double() @ weight.double().T, dim=1)
    expected = expected.gather(1, targets[:, None])[:, 0]
    logps = token_logps(hidden, weight, targets)
    torch.testing.assert_close(logps.double(), expected, atol=1e-4, rtol=0)
