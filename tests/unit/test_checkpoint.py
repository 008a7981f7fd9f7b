"""Model cards, and model folders that are refused before anything is computed with them."""

import json
import shutil

import pytest
import torch
from refusals import refusal
from tiny import TEMPLATE, tiny_folder, tiny_model, tiny_tokenizer
from transformers import LlamaConfig, LlamaForSequenceClassification

from icr.errors import InputError
from icr.models.chat import prompt_ids
from icr.models.checkpoint import CARD, describe, licence
from icr.models.load import load_tokenizer
from icr.models.snapshots import link_folder

TWO_BOS = "{{ bos_token }}" + TEMPLATE


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return tiny_folder(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(original, tmp_path):
    """A copy of the tiny model that a test may damage."""
    return shutil.copytree(original, tmp_path / "tiny")


def described(folder, template=None):
    return describe(folder, "tiny", {"folder": "models/tiny"}, None, template)


def refused(folder, template=None):
    message = refusal(described, folder, template)
    assert "'tiny'" in message and not (folder / CARD).exists()
    return message


def test_the_card(folder):
    card = describe(folder, "tiny", {"hub": "owner/tiny"}, "abc", None)
    assert card == json.loads((folder / CARD).read_text())
    assert card["name"] == "tiny" and card["source"] == {"hub": "owner/tiny"}
    assert card["commit"] == "abc" and card["licence"] is None
    assert card["parameters"] == sum(p.numel() for p in tiny_model().parameters())
    assert (card["precision"], card["vocabulary"], card["context"]) == ("float32", 261, 256)


def test_a_sharded_model_has_the_same_size(folder):
    whole = described(folder)["parameters"]
    (folder / "model.safetensors").unlink()
    tiny_model().to(torch.bfloat16).save_pretrained(folder, max_shard_size="30KB")
    assert len(list(folder.glob("*.safetensors"))) > 1
    card = described(folder)
    assert card["parameters"] == whole and card["precision"] == "bfloat16"


def test_a_missing_shard_is_named(folder):
    (folder / "model.safetensors").unlink()
    tiny_model().save_pretrained(folder, max_shard_size="30KB")
    shard = sorted(folder.glob("*.safetensors"))[1]
    shard.unlink()
    assert f"lacks {shard.name}, listed in model.safetensors.index.json" in refused(folder)


@pytest.mark.parametrize("size", [0, 4, 500, -1])
def test_a_truncated_weight_file(folder, size):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:size])
    assert "model.safetensors" in refused(folder)


def test_no_weights(folder):
    (folder / "model.safetensors").unlink()
    assert "has no model.safetensors" in refused(folder)
    (folder / "adapter_config.json").write_text("{}")
    assert "merge it into its base model" in refused(folder)


@pytest.mark.parametrize("zipped", [True, False])
def test_pytorch_weights_give_the_same_card(folder, zipped):
    expected = described(folder)
    (folder / "model.safetensors").unlink()
    file = folder / "pytorch_model.bin"
    torch.save(tiny_model().state_dict(), file, _use_new_zipfile_serialization=zipped)
    assert described(folder) == expected
    (folder / CARD).unlink()
    file.write_bytes(file.read_bytes()[:5000])
    assert f"{file} holds no PyTorch weights, or is damaged" in refused(folder)


def test_weights_of_another_architecture(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    assert "9 of the model's weights are not in its files (model.layers.2." in refused(folder)


def test_a_reward_model_needs_its_head(folder):
    described(folder)
    (folder / CARD).unlink()
    with pytest.raises(
        InputError, match=r"not in its files \(score.weight\); it has no score head"
    ):
        describe(folder, "tiny", {}, None, None, reward_model=True)


def reward_model(folder, labels=1, template=TEMPLATE):
    """A sequence classifier in the place of the tiny model."""
    config = LlamaConfig(
        vocab_size=261, hidden_size=32, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=4, num_labels=labels,
    )  # fmt: skip
    LlamaForSequenceClassification(config).save_pretrained(folder)
    tiny_tokenizer(template).save_pretrained(folder)
    return describe(folder, "tiny", {}, None, None, reward_model=True)


def test_a_reward_model_has_one_output(folder):
    assert reward_model(folder)["vocabulary"] == 261
    message = refusal(reward_model, folder, labels=3)
    assert "model 'tiny': a reward model has one output, this has 3" in message


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("", "its chat template leaves out the answer that ends a conversation"),
        ("{{ raise_exception('no') }}", "refuses a conversation that ends with an answer"),
    ],
)
def test_a_reward_models_template_must_write_answers(folder, answer, problem):
    template = (
        "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% else %}"
        + answer
        + "{% endif %}{% endfor %}"
    )
    assert problem in refusal(reward_model, folder, template=template)


@pytest.mark.parametrize("text", ["{", "[]", '{"model_type": "unknown-type"}'])
def test_unreadable_settings(folder, text):
    (folder / "config.json").write_text(text)
    assert "cannot be read" in refused(folder)


def test_a_model_with_custom_code_is_refused_without_running_it(folder, tmp_path):
    ran = tmp_path / "ran"
    (folder / "own.py").write_text(f"open({str(ran)!r}, 'w')\n")
    config = json.loads((folder / "config.json").read_text())
    config.update(model_type="own", auto_map={"AutoConfig": "own.Config"})
    (folder / "config.json").write_text(json.dumps(config))
    assert "cannot be read" in refused(folder)
    assert not ran.exists()


def test_a_missing_tokenizer(folder):
    for file in folder.glob("tokenizer*"):
        file.unlink()
    assert str(folder) in refused(folder)


def test_a_tokenizer_without_chat_template(folder, tmp_path):
    (folder / "chat_template.jinja").unlink()
    assert "has no chat template; name a Jinja file as 'chat_template'" in refused(folder)
    ours = tmp_path / "ours.jinja"
    ours.write_text(TEMPLATE)
    described(folder, str(ours))
    assert load_tokenizer(folder).chat_template == TEMPLATE


def test_a_named_template_overrides_and_leaves_the_users_folder_unchanged(folder, tmp_path):
    before = (folder / "chat_template.jinja").read_text()
    link_folder(folder, tmp_path / "linked")
    ours = tmp_path / "ours.jinja"
    ours.write_text("{{ bos_token }}Q: {{ messages[0].content }} A:")
    described(tmp_path / "linked", str(ours))
    tokenizer = load_tokenizer(tmp_path / "linked")
    assert tokenizer.decode(prompt_ids(tokenizer, "why")) == "<s>Q: why A:"
    assert (folder / "chat_template.jinja").read_text() == before
    assert not (folder / CARD).exists()


def test_a_template_in_the_tokenizer_settings_is_overridden(folder, tmp_path):
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings["chat_template"] = TWO_BOS
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "chat_template.jinja").unlink()
    assert "twice" in refused(folder)
    ours = tmp_path / "ours.jinja"
    ours.write_text(TEMPLATE)
    described(folder, str(ours))


def test_a_missing_template_file(folder):
    assert "there is no chat template file nowhere.jinja" in refused(folder, "nowhere.jinja")


@pytest.mark.parametrize(
    "text", ["{% for m in", "{{ raise_exception('no') }}", "{{ 1 | nothing }}"]
)
def test_a_template_that_cannot_be_rendered(folder, tmp_path, text):
    ours = tmp_path / "ours.jinja"
    ours.write_text(text)
    assert "cannot be rendered" in refused(folder, str(ours))


def test_a_template_that_adds_a_second_bos(folder, tmp_path):
    ours = tmp_path / "ours.jinja"
    ours.write_text(TWO_BOS)
    assert "writes the BOS token '<s>' twice" in refused(folder, str(ours))


def test_a_tokenizer_without_eos(folder):
    tiny_tokenizer(eos=None).save_pretrained(folder)
    assert "no EOS token" in refused(folder)


def test_no_pad_token_is_fine(folder):
    tiny_tokenizer(pad=None).save_pretrained(folder)
    assert described(folder)["pad_token"] == "none; </s> fills up rows"


def test_a_tokenizer_of_another_model(folder):
    tiny_model(vocabulary=200).save_pretrained(folder)
    assert "has 261 tokens, but its embeddings only 200 rows" in refused(folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\nlicense: apache-2.0\ntags: [a]\n---\n# Model\n", "apache-2.0"),
        ("---\ntags: [a]\n---\n", None),
        ("---\n: : [\n---\n", None),
        ("# Model\nlicense: mit\n", None),
        (None, None),
    ],
)
def test_the_licence_comes_from_the_metadata_of_the_readme(tmp_path, text, expected):
    if text is not None:
        (tmp_path / "README.md").write_text(text)
    assert licence(tmp_path) == expected


def test_a_named_template_may_begin_with_a_byte_order_mark(folder, tmp_path):
    """Otherwise the mark would precede every prompt."""
    (tmp_path / "mine.jinja").write_bytes(b"\xef\xbb\xbf" + TEMPLATE.encode())
    described(folder, str(tmp_path / "mine.jinja"))
    assert load_tokenizer(folder).chat_template == TEMPLATE
    (tmp_path / "mine.jinja").write_bytes(b"\n\xff")
    with pytest.raises(InputError, match=r"mine\.jinja, line 2: not UTF-8"):
        described(folder, str(tmp_path / "mine.jinja"))
