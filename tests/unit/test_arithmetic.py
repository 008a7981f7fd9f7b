"""Each arithmetic of scoring against float64, and what it leaves of a model."""

import numpy as np
import pytest
import torch
from test_scoring import ARCHITECTURES, cases, naive
from tiny import tiny_model

from icr.scoring.arithmetic import (
    PRODUCTS,
    SHIFT,
    activations_in_float32,
    float16_product,
    multiplying,
    two_part_product,
)
from icr.scoring.engine import Scorer


def operands():
    """Activations, and weights that bfloat16 holds exactly, as released models have them."""
    generator = torch.Generator().manual_seed(0)
    activations = torch.randn(40, 256, generator=generator)
    weight = (torch.randn(30, 256, generator=generator) / 16).bfloat16()
    return activations, weight


def error(result, activations, weight):
    """Root mean square error over the root mean square of the exact product."""
    exact = activations.double() @ weight.double().t()
    return float((result.double() - exact).pow(2).mean().sqrt() / exact.pow(2).mean().sqrt())


def test_products_are_as_exact_as_the_bits_of_their_operands():
    activations, weight = operands()
    plain = error(activations.bfloat16() @ weight.t(), activations, weight)
    single = error(activations @ weight.float().t(), activations, weight)
    half = error(float16_product(activations, weight), activations, weight)
    two_parts = error(two_part_product(activations, weight), activations, weight)
    assert 2**-10 < plain < 2**-7
    assert 2**-14 < half < 2**-11, "11 significant bits"
    assert 2**-20 < two_parts < 2**-16, "16 significant bits"
    assert single < 2**-20


def test_float16_operands_are_rounded_once_and_summed_in_float32():
    activations, weight = operands()
    rounded = (activations.double() * 2.0**-SHIFT).half().double()
    exact = rounded @ (weight.double() * 2.0**SHIFT).t()
    result = float16_product(activations, weight)
    assert result.dtype == torch.float32
    np.testing.assert_allclose(result, exact, rtol=0, atol=2e-6)


def test_large_activations_fit_into_float16_and_large_weights_do_not():
    activations, weight = operands()
    large = float16_product(activations * 2.0**17, weight)
    np.testing.assert_allclose(large, float16_product(activations, weight) * 2.0**17, rtol=1e-3)
    assert not float16_product(activations, weight * 2.0**18).isfinite().all()
    assert two_part_product(activations, weight * 2.0**18).isfinite().all()


def errors(model, exact, arithmetic):
    """Errors of some scores in nats, by the sums of the same weights in float64."""
    prompts, rows = cases(prompts=3, responses=3)
    with multiplying(model, arithmetic):
        scores = Scorer(model, 200).score(prompts, rows)
    return np.array(scores) - [naive(exact, prompts[row.prompt], row.ids) for row in rows]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_scores_of_a_model_in_each_arithmetic(name):
    model, exact = ARCHITECTURES[name]().bfloat16(), ARCHITECTURES[name]().bfloat16()
    activations_in_float32(model)
    half = abs(errors(model, exact, "float16-products")).max()
    two_parts = abs(errors(model, exact, "two-part-bfloat16")).max()
    assert two_parts < half / 4 and 1e-5 < half < 0.3


def test_a_model_is_stored_as_before_and_itself_again_after_a_failure():
    model = tiny_model(attention_bias=True).bfloat16()
    activations_in_float32(model)
    stored = {name: p.dtype for name, p in model.named_parameters()}
    assert stored["model.layers.0.mlp.up_proj.weight"] == torch.bfloat16
    assert stored["model.norm.weight"] == stored["model.embed_tokens.weight"] == torch.float32
    for arithmetic in PRODUCTS:
        with pytest.raises(KeyError), multiplying(model, arithmetic):
            errors(model, model, arithmetic)[99:]
            raise KeyError
        assert not any("forward" in vars(module) for module in model.modules())
    with multiplying(model, "float32"):
        assert not any("forward" in vars(module) for module in model.modules())


def test_biases_are_added():
    torch.manual_seed(0)
    layer = torch.nn.Linear(8, 5)
    activations = torch.randn(2, 3, 8)
    expected = layer(activations)
    for arithmetic in PRODUCTS:
        with torch.inference_mode(), multiplying(layer, arithmetic):
            torch.testing.assert_close(layer(activations), expected, rtol=0, atol=0.01)
