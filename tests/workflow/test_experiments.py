"""Experiments that the demo does not have, added to the finished demo: their pairs."""

import json

import pandas as pd
import pytest
import yaml
from tiny import tiny_tokenizer
from transformers import LlamaConfig, LlamaForSequenceClassification

ROWS = {
    "translated-reward": {"reward": {"view": "translated"}, "iterations": 1},
    "natural-reward": {
        "reward": {"view": "natural", "model": "reward-model"},
        "length_penalty": {"mode": "none"},
        "iterations": 1,
        "train": False,
    },
    "lacomsa": {
        "languages": ["de"],
        "reward": {"view": "lacomsa", "layer": 2},
        "pairs": {"method": "random"},
        "iterations": 1,
    },
    "lidr": {"pairs": {"method": "lidr"}, "languages": ["en", "de"], "iterations": 1},
}
TARGETS = [
    "translated-reward-1/de", "natural-reward-1/de", "lacomsa-1/de", "lidr-1/en", "lidr-1/de",
]  # fmt: skip
TEMPLATE = "{{ bos_token }}{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}</s>"


def reward_model(folder):
    config = LlamaConfig(
        vocab_size=261, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
        num_attention_heads=2, num_labels=1, pad_token_id=0,
    )  # fmt: skip
    LlamaForSequenceClassification(config).save_pretrained(folder)
    tiny_tokenizer(TEMPLATE).save_pretrained(folder)


@pytest.fixture(scope="module")
def more(demo, tmp_path_factory):
    """A copy of the demo with these experiments: the folder of its pairs, and the planned jobs."""
    checkout = demo.copied(tmp_path_factory.mktemp("more") / "checkout")
    reward_model(checkout.folder / "reward-model")
    path = checkout.folder / "config/demo.yaml"
    config = yaml.safe_load(path.read_text())
    config["models"]["reward-model"] = {"source": {"folder": "reward-model"}}
    config["experiments"] |= ROWS
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    targets = [f"results/demo/pairs/{target}.json" for target in TARGETS]
    jobs = checkout.planned("--", *targets)
    checkout.snakemake("--", *targets)
    return checkout.folder / "results/demo/pairs", jobs


def test_only_new_results_are_computed(more):
    """Samples are the demo's; English and German prompts are answered greedily once."""
    counts = {rule: len(outputs) for rule, outputs in more[1].items()}
    assert counts == {
        "fetch_model": 1, "self_translate": 1, "logprobs": 2, "natural_rewards": 1,
        "hidden_states": 1, "greedy": 2, "greedy_translate": 2, "build_pairs": 3, "answer_pairs": 2,
    }  # fmt: skip


def test_pairs_of_other_rewards(more):
    for name in ("translated-reward-1", "natural-reward-1", "lacomsa-1"):
        summary = json.loads((more[0] / name / "de.json").read_text())
        pairs = pd.read_parquet(more[0] / name / "de.parquet")
        assert len(pairs) == summary["pairs"] > 20
        assert (pairs["chosen_adjusted"] >= pairs["rejected_adjusted"]).all()
    translated = json.loads((more[0] / "translated-reward-1/de.json").read_text())
    failed = sum(translated["failed_translations"].values())
    assert translated["responses"]["without_reward"] == failed


def test_lidr_prefers_english_answers(more):
    english, german = (pd.read_parquet(more[0] / f"lidr-1/{la}.parquet") for la in ("en", "de"))
    assert set(english["other"]) == {"de"} and set(german["other"]) == {"en"}
    assert min(len(english), len(german)) >= 5  # most greedy answers are equal
    # A fact's number is the same in every language, if the greedy answer is.
    assert (english["chosen_language"] == "en").mean() > 0.3
    summary = json.loads((more[0] / "lidr-1/de.json").read_text())
    accounted = summary["pairs"] + sum(summary["dropped"].values())
    assert accounted == summary["prompts"] == 80
