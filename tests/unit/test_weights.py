"""A model has exactly the weights in its files, whatever loads it."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny import tiny_folder, tiny_model
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForSequenceClassification,
    MixtralConfig,
    MixtralForCausalLM,
    ViTConfig,
)

from icr.errors import InputError
from icr.evaluation.nlp.run import Settings, open_model
from icr.models.load import load_model
from icr.models.weights import check_stored, load_checked, stored_weights
from icr.scoring.reward_model import RewardModel
from icr.training.build import build_trainer
from icr.training.settings import TrainingSettings

SIZES = {
    "vocab_size": 261,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}


def loaded(folder, auto=AutoModelForCausalLM):
    load_checked(auto, folder)


def compared(folder, auto=AutoModelForCausalLM):
    """Check the names and shapes only."""
    check_stored(auto, AutoConfig.from_pretrained(folder), stored_weights(folder, "m"), "m")


both = pytest.mark.parametrize("check", [loaded, compared])


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(original, tmp_path):
    return shutil.copytree(original, tmp_path / "tiny")


def configure(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


def rewrite(folder, change):
    """Change the weights of a folder; views are copied, because a file stores each tensor once."""
    weights = change(load_file(folder / "model.safetensors"))
    save_file({k: v.contiguous() for k, v in weights.items()}, folder / "model.safetensors")


def without(*names):
    return lambda weights: {k: v for k, v in weights.items() if not k.startswith(names)}


def added(name, *shape):
    return lambda weights: {**weights, name: torch.ones(*shape)}


def message(check, folder, auto=AutoModelForCausalLM):
    with pytest.raises(InputError) as caught:
        check(folder, auto)
    return str(caught.value)


@both
def test_a_whole_model(folder, check):
    check(folder)


@both
def test_one_layer_more_than_in_the_file(folder, check):
    configure(folder, num_hidden_layers=3)
    text = message(check, folder)
    assert "describes a LlamaForCausalLM: 9 of the model's weights are not in its files" in text
    assert "model.layers.2.input_layernorm.weight, " in text and "files are incomplete" in text


@both
def test_one_layer_less_than_in_the_file(folder, check):
    configure(folder, num_hidden_layers=1)
    text = message(check, folder)
    assert "9 weights of its layers are unused (model.layers.1." in text
    assert "those of another model" in text


@both
@pytest.mark.parametrize("name", ["model.embed_tokens.weight", "lm_head.weight"])
def test_no_embedding_or_no_head(folder, check, name):
    rewrite(folder, without(name))
    assert f"1 of the model's weights are not in its files ({name})" in message(check, folder)


@both
def test_another_shape(folder, check):
    configure(folder, intermediate_size=128)
    text = message(check, folder)
    assert "6 of the model's weights have another shape" in text
    assert "mlp.down_proj.weight: (32, 64) in the file, (32, 128) in the model" in text


@both
@pytest.mark.parametrize("model_type", ["qwen2", "qwen3", "gemma2", "gpt2"])
def test_a_llama_file_under_another_architecture(folder, check, model_type):
    configure(folder, model_type=model_type, head_dim=8)
    assert "does not fit its config.json" in message(check, folder)


@both
def test_biases_that_the_architecture_lacks(folder, check):
    rewrite(folder, added("model.layers.0.self_attn.q_proj.bias", 32))
    assert "are unused (model.layers.0.self_attn.q_proj.bias)" in message(check, folder)


@both
@pytest.mark.parametrize(
    "name", ["v_head.weight", "vision_tower.layers.0.weight", "model.layers.0.rotary_emb.inv_freq"]
)
def test_unused_weights_outside_the_layers_are_only_reported(folder, check, name, capsys):
    """Rotary frequencies, which older files hold, are not even reported."""
    rewrite(folder, added(name, 1))
    check(folder)
    assert ("unused weights in its files" in capsys.readouterr().out) == ("rotary" not in name)


@both
def test_tied_weights_need_not_be_in_the_file(tmp_path, check):
    folder = tiny_folder(tmp_path / "tied", tie_word_embeddings=True)
    assert "lm_head.weight" not in load_file(folder / "model.safetensors")
    check(folder)
    rewrite(folder, without("model.embed_tokens.weight"))
    assert "embed_tokens" in message(check, folder)


@both
@pytest.mark.parametrize("kind", ["gpt2", "mixtral"])
def test_files_in_which_weights_have_other_names(tmp_path, check, kind):
    """GPT-2's files may lack the prefix; Mixtral's hold one weight per expert."""
    model = (
        GPT2LMHeadModel(GPT2Config(n_embd=32, n_layer=2, n_head=4, vocab_size=50))
        if kind == "gpt2"
        else MixtralForCausalLM(MixtralConfig(**SIZES, num_key_value_heads=2, num_local_experts=2))
    )
    model.save_pretrained(tmp_path)
    if kind == "gpt2":
        rewrite(tmp_path, lambda weights: {k.split(".", 1)[1]: v for k, v in weights.items()})
    check(tmp_path)
    rewrite(tmp_path, lambda weights: dict(list(weights.items())[:-1]))
    assert "not in its files" in message(check, tmp_path)


@both
def test_a_reward_model_without_its_head(folder, check):
    """Even if its configuration declares one label."""
    configure(folder, num_labels=1, architectures=["LlamaForSequenceClassification"])
    text = message(check, folder, AutoModelForSequenceClassification)
    assert "not in its files (score.weight); it has no score head" in text


@both
def test_a_reward_model_with_its_head(tmp_path, check):
    config = LlamaConfig(**SIZES, num_labels=1)
    LlamaForSequenceClassification(config).save_pretrained(tmp_path)
    check(tmp_path, AutoModelForSequenceClassification)
    assert "(lm_head.weight)" in message(check, tmp_path)


def test_pytorch_files_are_checked_in_the_same_way(folder):
    (folder / "model.safetensors").unlink()
    weights = tiny_model().state_dict()
    torch.save(weights, folder / "pytorch_model.bin")
    compared(folder)
    del weights["model.norm.weight"]
    torch.save(weights, folder / "pytorch_model.bin")
    for check in (loaded, compared):
        assert "(model.norm.weight)" in message(check, folder)


def test_a_configuration_of_another_kind_of_model():
    with pytest.raises(InputError, match="'m': it cannot be constructed: Unrecognized"):
        check_stored(AutoModelForCausalLM, ViTConfig(), {}, "m")


def spec(folder):
    return {"policy": str(folder), "processes": 1, "checkpoint_minutes": 30}


@pytest.mark.parametrize(
    "make",
    [
        load_model,
        lambda folder: RewardModel(folder, "float32", 100),
        lambda folder: build_trainer(spec(folder), TrainingSettings()),
        lambda folder: open_model(folder, Settings()),
    ],
    ids=["sampling and scoring", "natural rewards", "training", "NLP benchmarks"],
)
def test_no_job_starts_with_missing_weights(folder, make):
    configure(folder, num_hidden_layers=3, num_labels=1)
    with pytest.raises(InputError, match="weights are not in its files"):
        make(folder)


def test_a_file_that_was_damaged_later_is_named(tmp_path):
    folder = tiny_folder(tmp_path / "m")
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(InputError, match="has a damaged weight file"):
        load_model(folder)
