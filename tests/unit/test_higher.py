"""Rescoring in higher precision: the whole model's scores in it, cast a layer at a time."""

import copy

import pytest
import torch
from test_scoring import ARCHITECTURES, cases
from tiny import tiny_model
from transformers import Gemma3TextConfig, LlamaConfig, LlamaForSequenceClassification

from icr.scoring.engine import Row, Scorer
from icr.scoring.higher import computing_in
from icr.scoring.reward_model import RewardModel

WHOLE = {
    **ARCHITECTURES,
    "tied embeddings": lambda: tiny_model(tie_word_embeddings=True),
    "stretched rotation": lambda: tiny_model(
        rope_parameters={"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0},
        max_position_embeddings=16,
    ),
}


def state(model):
    """Every tensor of a model, the same object as long as nothing replaces it."""
    held = [*model.named_parameters(remove_duplicate=False), *model.named_buffers()]
    return {name: id(tensor) for name, tensor in held}


def alone(scorer):
    """Scores of some responses, one at a time."""
    prompts, rows = cases(prompts=2, responses=3)
    return [scorer.score([prompts[row.prompt]], [Row(0, row.ids)])[0] for row in rows]


@pytest.mark.parametrize("name", WHOLE)
def test_scores_are_those_of_the_whole_model_in_float64(name):
    model, whole = WHOLE[name](), WHOLE[name]().double()
    before = state(model)
    ours, theirs = Scorer(model, 10_000), Scorer(whole, 10_000)
    plain, _ = alone(ours), alone(theirs)
    with computing_in(model, torch.float64):
        exact = alone(ours)
    expected = alone(theirs)
    torch.testing.assert_close(torch.tensor(exact), torch.tensor(expected), rtol=1e-12, atol=1e-12)
    assert exact != plain
    if name != "stretched rotation":  # which replaces its own buffers
        assert state(model) == before
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_half_precision_is_checked_in_float32():
    model = tiny_model().to(torch.bfloat16)
    whole = copy.deepcopy(model).float()
    with computing_in(model, torch.float32):
        exact = alone(Scorer(model, 10_000))
    assert exact == pytest.approx(alone(Scorer(whole, 10_000)), abs=1e-5)


def test_never_more_than_one_layer_is_cast_at_a_time():
    model = tiny_model(num_hidden_layers=4)
    seen = []

    def look(module, *_):
        cast = {name for name, p in model.named_parameters() if p.dtype == torch.float64}
        seen.append((module, cast))

    parts = {
        "model.embed_tokens": model.model.embed_tokens,
        **{f"model.layers.{i}": layer for i, layer in enumerate(model.model.layers)},
        "model.norm": model.model.norm,
        "lm_head": model.lm_head,
    }
    scorer = Scorer(model, 10_000)
    with computing_in(model, torch.float64):
        for part in parts.values():
            for inner in part.modules():
                inner.register_forward_pre_hook(look)
        scorer.score(*cases(prompts=1, responses=1))
    for name, part in parts.items():
        inside = set(part.modules())
        found = [cast for module, cast in seen if module in inside]
        due = {f"{name}.{inner}" for inner, _ in part.named_parameters()}
        assert found and all(cast == due for cast in found), name


def test_a_reward_is_that_of_the_whole_model_in_float64(tmp_path):
    config = LlamaConfig(
        vocab_size=261, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, initializer_range=0.2, num_labels=1, pad_token_id=0,
    )  # fmt: skip
    LlamaForSequenceClassification(config).save_pretrained(tmp_path)
    rows = [[1, 5, 9, 30], [1, 7]]
    model, whole = (RewardModel(tmp_path, "float32", 1000) for _ in range(2))
    whole.model.double()
    plain = model.score(rows)
    with computing_in(model.model, torch.float64):
        exact = model.score(rows)
    assert exact == pytest.approx(whole.score(rows), rel=0, abs=1e-12)
    assert exact != plain and model.score(rows) == plain


def test_the_model_is_itself_again_after_a_failure():
    model = tiny_model()
    before = state(model)
    model.model.layers[1].mlp.forward = None
    with pytest.raises(TypeError), computing_in(model, torch.float64):
        model(torch.tensor([[1, 2]]))
    assert state(model) == before


def test_buffers_count_as_weights():
    """Gemma's embedding is scaled by one."""
    from transformers import AutoModelForCausalLM

    config = Gemma3TextConfig(
        vocab_size=261, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, head_dim=8,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config).eval()
    whole = copy.deepcopy(model).double()
    row = torch.tensor([[1, 5, 9]])
    with torch.inference_mode(), computing_in(model, torch.float64):
        torch.testing.assert_close(model(row).logits, whole(row).logits, rtol=0, atol=1e-13)
