"""Random weights of a real model's shape."""

import pytest

from icr.cluster.random_model import shape, write_random_model
from icr.models.load import load_model, load_tokenizer


@pytest.mark.parametrize("parameters", [1e6, 1.35e8, 1.2e9, 3e9, 8e9, 13e9, 72e9])
def test_a_shape_has_about_so_many_weights(parameters):
    config = shape(parameters)
    width, layers = config.hidden_size, config.num_hidden_layers
    assert 13 * width**2 * layers + 2 * config.vocab_size * width == pytest.approx(
        parameters, rel=0.05
    )
    assert width % config.num_attention_heads == 0


def test_eight_billion_weights_are_those_of_llama_3():
    config = shape(8.03e9)
    assert (config.hidden_size, config.num_hidden_layers) == (4096, 32)
    assert (config.num_attention_heads, config.num_key_value_heads) == (32, 8)


def test_a_written_model_loads(tmp_path):
    folder = write_random_model(tmp_path / "model", 1e5)
    model = load_model(folder)
    assert 5e4 < model.num_parameters() < 2e5
    assert all(weight.isfinite().all() for weight in model.parameters())
    assert load_tokenizer(folder).eos_token_id == 1
