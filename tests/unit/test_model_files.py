"""Layers, outputs and vocabularies that models lack, refused where their files are at hand."""

from pathlib import Path

import pytest
from configurations import raw
from refusals import refusal

from icr.config import load_config
from icr.models.snapshots import CARD
from icr.storage.files import write_json
from icr.storage.project import ROOT
from icr.workflow.inputs import check_inputs
from icr.workflow.study import Study

LAYERS = {"num_hidden_layers": 3}
TOKENS = {"<s>": 0, "a": 1, "b": 2}
HUB = {"hub": "owner/tiny", "revision": "main"}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    (tmp_path / "config").symlink_to(ROOT / "config")
    monkeypatch.chdir(tmp_path)


def folder(path, settings, source=None):
    """A model folder with this config.json, fetched from ``source`` if there is one."""
    Path(path).mkdir(parents=True)
    write_json(settings, Path(path) / "config.json")
    if source is not None:
        write_json({"source": source}, Path(path) / CARD)
    return path


def study(source, layer, mirror="https://example.org", **row):
    """The demo with a model ``own`` from a source, and an experiment that reads a layer of it."""
    config = raw("demo")
    config["mirrors"] = {"hub": mirror}
    config["models"]["own"] = {"source": source}
    config["experiments"]["toy"] = {
        "start": "own",
        "reference": "own",
        "languages": ["es"],
        "reward": {"view": "lacomsa", "layer": layer},
        "iterations": 2,
        **row,
    }
    return Study(load_config(config))


def refused(source, model="own", **row):
    """Whether layer 4 of 3 is refused, and layer 3 is not."""
    check_inputs(study(source, 3, **row))
    message = refusal(check_inputs, study(source, 4, **row))
    expected = f"toy.reward.layer: 4, but '{model}' has 3 layers; name one of 1 to 3"
    return expected in message and len(message.splitlines()) == 2


def test_the_settings_of_a_miniature_model_state_its_layers():
    assert refused({"miniature": "config/miniature/facts.yaml", "layers": 3})


def test_an_aligned_model_has_the_layers_of_its_base():
    own = {"folder": folder("own", LAYERS)}
    assert refused(own, start="miniature-dpo", reference="miniature-sft", model="miniature-dpo")


@pytest.mark.parametrize("settings", [LAYERS, {"num_hidden_layers": 9, "text_config": LAYERS}])
def test_a_local_folder_is_read(settings):
    assert refused({"folder": folder("own", settings)})


def test_a_folder_that_mirrors_the_hub_is_read_before_it_is_linked():
    folder("mirror/owner/tiny", LAYERS)
    assert refused({"hub": "owner/tiny"}, mirror="mirror")


def test_a_fetched_model_is_read_if_it_is_from_the_same_source():
    assert study({"hub": "owner/tiny"}, 4).local.model_file("own", "config.json") is None
    check_inputs(study({"hub": "owner/tiny"}, 4))
    folder("resources/models/own", LAYERS, HUB)
    assert refused({"hub": "owner/tiny"})
    check_inputs(study({"hub": "owner/tiny", "revision": "v2"}, 4))


def test_the_responses_of_a_sampler_are_read_by_its_own_layers():
    own = {"folder": folder("own", {"num_hidden_layers": 9})}
    pairs = {"method": "random", "sampler": "main-1"}
    assert refused(own, pairs=pairs, model="miniature-dpo")


@pytest.mark.parametrize("settings", [{}, {"n_layer": 3}, {"num_hidden_layers": None}])
def test_layers_that_are_not_stated_are_left_to_the_job(settings):
    check_inputs(study({"folder": folder("own", settings)}, 4))


def test_pairs_of_greedy_answers_read_no_layer():
    own = {"folder": folder("own", LAYERS)}
    check_inputs(study(own, 4, pairs={"method": "lidr"}, languages=["en", "es"]))


@pytest.mark.parametrize(
    ("settings", "outputs"),
    [
        ({"id2label": {"0": "LABEL_0"}}, None),
        ({"num_labels": 1}, None),
        ({"id2label": {"0": "a", "1": "b", "2": "c"}}, 3),
        ({"architectures": ["LlamaForCausalLM"]}, 2),
    ],
)
def test_a_reward_model_has_one_output(settings, outputs):
    config = raw("demo")
    config["models"]["rm"] = {"source": {"folder": folder("rm", settings)}}
    config["experiments"]["toy"] = {"reward": {"view": "natural", "model": "rm"}, "iterations": 1}
    if outputs is None:
        check_inputs(Study(load_config(config)))
    else:
        message = refusal(check_inputs, Study(load_config(config)))
        assert f"models.rm.source: a reward model has one output, this has {outputs}" in message


def measured(policy, reference):
    """The demo with an experiment of two local models, whose tokenizers have these tokens."""
    config = raw("demo")
    config["experiments"]["toy"] = {"start": "policy", "reference": "reference", "iterations": 1}
    for name, tokens in (("policy", policy), ("reference", reference)):
        Path(name).mkdir(exist_ok=True)
        write_json({}, f"{name}/config.json")
        write_json({"model": {"vocab": tokens}, "name": name}, f"{name}/tokenizer.json")
        config["models"][name] = {"source": {"folder": name}}
    return config


@pytest.mark.parametrize(
    "other", [{**TOKENS, "a": 2, "b": 1}, [["<s>", 0.0], ["b", -1.0], ["a", -2.0]]]
)
def test_a_reference_with_another_vocabulary(other):
    message = refusal(check_inputs, Study(load_config(measured(TOKENS, other))))
    assert (
        "toy.reference: 'reference' has another vocabulary than 'policy': the token 'a'" in message
    )
    config = measured(TOKENS, other)
    del config["experiments"]["toy"]
    check_inputs(Study(load_config(config)))
    config["preferences"] = {"own": {"source": {"hub": "owner/own"}, "languages": ["en"]}}
    rewards = {"triples": "own", "implicit": [{"policy": "policy", "reference": "reference"}]}
    config["evaluation"]["rewardbench"] = rewards
    message = refusal(check_inputs, Study(load_config(config)))
    assert "evaluation.rewardbench.implicit: 'reference' has another vocabulary" in message


@pytest.mark.parametrize("other", [TOKENS, {**TOKENS, "<pad>": 3}, {"<s>": 0}, None, [1, 2]])
def test_vocabularies_that_may_be_the_same(other):
    """Files that are read beside tokenizer.json may add the missing tokens."""
    check_inputs(Study(load_config(measured(TOKENS, other))))
