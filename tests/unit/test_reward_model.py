"""Rewards by a reward model."""

import numpy as np
import pandas as pd
import pytest
import torch
from tiny import tiny_tokenizer
from transformers import LlamaConfig, LlamaForSequenceClassification
from transformers.models.llama.modeling_llama import LlamaMLP

from icr.errors import InputError
from icr.models.conversations import conversation_ids, user
from icr.rewards import REWARDS
from icr.rewards.compute import rewards_of
from icr.scoring.reward_model import RewardModel, reward_block, trial_rewards

TEMPLATE = "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}</s>"


def reward_folder(path, labels=1, pad="<pad>"):
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=261, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=4, initializer_range=0.2, num_labels=labels, pad_token_id=0,
    )  # fmt: skip
    LlamaForSequenceClassification(config).save_pretrained(path)
    tiny_tokenizer(TEMPLATE, pad=pad).save_pretrained(path)
    return path


def samples_of(prompts=3, n=4):
    texts = ["yes", "no, not at all", "", "a somewhat longer answer"]
    return pd.DataFrame(
        [
            {"id": f"p{p}", "index": i, "prompt": f"question {p}", "response": texts[i]}
            for p in range(prompts)
            for i in range(n)
        ]
    )


def block(folder, tmp_path, **changes):
    arguments = {
        "samples": samples_of(), "output": tmp_path / "r.parquet", "precision": "float32",
        "token_budget": 200, "chunk": 2, "checks": 1, **changes,
    }  # fmt: skip
    return reward_block(folder, **arguments)


def test_a_conversation_follows_the_template_of_the_model():
    tokenizer = tiny_tokenizer(TEMPLATE)
    ids = conversation_ids(tokenizer, user("a"), "b")
    assert tokenizer.decode(ids) == "<s><user>a<assistant>b</s>"


def test_a_template_that_refuses_an_answer_is_named():
    template = "{% for m in messages %}{% if m.role != 'user' %}{{ raise_exception('no') }}"
    tokenizer = tiny_tokenizer(template + "{% endif %}{{ m.content }}{% endfor %}")
    with pytest.raises(InputError, match="refuses a conversation that ends with an answer"):
        conversation_ids(tokenizer, user("a"), "b")


@pytest.mark.parametrize("pad", ["<pad>", "</s>"])  # where pad is EOS, the last token still is EOS
def test_a_reward_is_the_heads_output_at_the_last_token(tmp_path, pad):
    folder = reward_folder(tmp_path / "rm", pad=pad)
    table = block(folder, tmp_path)
    samples = samples_of()
    assert table[["id", "index"]].equals(samples[["id", "index"]])
    model = LlamaForSequenceClassification.from_pretrained(folder)
    for row in (0, 5, 11):
        sample = samples.iloc[row]
        ids = conversation_ids(tiny_tokenizer(TEMPLATE), user(sample.prompt), sample.response)
        expected = model.score(model.model(torch.tensor([ids])).last_hidden_state)[0, -1, 0].item()
        assert table["reward"][row] == pytest.approx(expected, abs=1e-5)


def test_a_reward_does_not_depend_on_its_batch(tmp_path):
    folder = reward_folder(tmp_path / "rm")
    together = block(folder, tmp_path, token_budget=5000, chunk=3)
    alone = block(folder, tmp_path, token_budget=1, chunk=1, output=tmp_path / "a.parquet")
    np.testing.assert_allclose(together["reward"], alone["reward"], atol=1e-5)
    assert together["reward"].nunique() == 12


def test_the_first_prompts_are_rescored(tmp_path):
    table = block(reward_folder(tmp_path / "rm"), tmp_path)
    assert table["reward_check"].notna().tolist() == [True] * 4 + [False] * 8
    np.testing.assert_allclose(table["reward_check"][:4], table["reward"][:4], atol=1e-4)


def test_rescoring_casts_a_layer_at_a_time(tmp_path, monkeypatch):
    """Casting the whole model would take twice the memory of scoring."""
    cast = []

    def watch(module, *_):
        if isinstance(module, LlamaMLP):
            weights = models[0].parameters()
            cast.append([p.dtype for p in weights].count(torch.float64))

    models = []
    make = RewardModel.__init__

    def recorded(self, *arguments):
        make(self, *arguments)
        models.append(self.model)

    monkeypatch.setattr(RewardModel, "__init__", recorded)
    handle = torch.nn.modules.module.register_module_forward_pre_hook(watch)
    try:
        block(reward_folder(tmp_path / "rm"), tmp_path)
    finally:
        handle.remove()
    assert set(cast) == {0, 9}, "weights of one layer"


def test_a_model_of_several_labels_is_refused(tmp_path):
    with pytest.raises(InputError, match="one output, and this one has 3"):
        RewardModel(reward_folder(tmp_path / "rm", labels=3), "float32", 100)


def test_broken_weights_are_named(tmp_path):
    folder = reward_folder(tmp_path / "rm")
    model = LlamaForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        model.score.weight.fill_(float("nan"))
    model.save_pretrained(folder)
    with pytest.raises(InputError, match="gives response 0 to prompt p0 a reward of nan"):
        block(folder, tmp_path)


def test_a_conversation_that_is_too_long_has_no_reward(tmp_path):
    folder = reward_folder(tmp_path / "rm")
    tokenizer, samples = tiny_tokenizer(TEMPLATE), samples_of()
    turns = zip(samples["prompt"], samples["response"], strict=True)
    lengths = np.array([len(conversation_ids(tokenizer, user(p), r)) for p, r in turns])
    limit = int(np.median(lengths))
    table = block(folder, tmp_path, max_length=limit)
    whole = block(folder, tmp_path, output=tmp_path / "whole.parquet")
    assert table["reward"].isna().tolist() == (lengths > limit).tolist()
    short = lengths <= limit
    assert table["reward"][short].tolist() == pytest.approx(
        whole["reward"][short].tolist(), abs=1e-5
    )
    assert table["reward_check"].notna().tolist() == (short & (samples["id"] == "p0")).tolist()
    trial = trial_rewards(folder, samples.assign(response_ids=[[1]] * 12), 200, limit)
    assert trial[["id", "index"]].equals(samples.loc[short, ["id", "index"]])
    rewards = rewards_of(REWARDS["natural"].function, samples, model=table)
    assert rewards["reward"].isna().tolist() == (lengths > limit).tolist()


def test_no_conversation_fits(tmp_path):
    table = block(reward_folder(tmp_path / "rm"), tmp_path, max_length=3)
    assert table["reward"].isna().all() and table["reward_check"].isna().all()
