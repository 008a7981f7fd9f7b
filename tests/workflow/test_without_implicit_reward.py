"""Runs whose main experiment has no implicit reward, from scratch to their reports."""

import json

import pandas as pd
import pytest
import yaml
from checkout import ROOT, Checkout
from test_experiments import reward_model
from tiny import tiny_folder

LANGUAGES = ["en", "de"]


def shipped():
    """The demo's configuration in two languages, without evaluations."""
    config = yaml.safe_load((ROOT / "config/demo.yaml").read_text(encoding="utf-8"))
    main = config["experiments"]["main"]
    main |= {"languages": LANGUAGES, "iterations": 1}
    main["training"] |= {"global_batch": 8, "micro_batch": 8}
    del config["evaluation"]
    return {**config, "experiments": {"main": main}}


def by_lidr():
    """Configuration of one LIDR iteration from a model that is also π_I."""
    config = shipped()
    facts = "config/miniature/facts.yaml"
    config["models"] = {
        "base": {"source": {"miniature": facts, "hidden_size": 32, "layers": 2,
                            "examples": 16_000, "translations": 0.25}},
    }  # fmt: skip
    config["self_translation"] = {
        "prompt": "Translate into {language}:\n{text}", "primer": "", "max_tokens": 24
    }  # fmt: skip
    config["prompts"]["miniature"] |= {"size": 20, "block": 20, "languages": LANGUAGES}
    config["experiments"]["main"] |= {
        "start": "base", "reference": "base", "prompts": {"set": "miniature", "count": 20},
        "pairs": {"method": "lidr", "identical": "keep"},
    }  # fmt: skip
    return {**config, "run": "lidr"}


def by_reward_model(folder):
    """Configuration of one iteration by a reward model; both models are folders."""
    config = shipped()
    config["models"] = {
        "base": {"source": {"folder": str(tiny_folder(folder / "base"))}},
        "rewarding": {"source": {"folder": "reward-model"}},
    }
    reward_model(folder / "reward-model")
    (folder / "mine").mkdir()
    for language in LANGUAGES:
        rows = [{"instruction": f"{language} {i}?", "instruction_id": str(i)} for i in range(10)]
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (folder / f"mine/{language}.jsonl").write_text(text)
    config["prompts"] = {
        "mine": {"source": {"folder": "mine"}, "languages": LANGUAGES, "size": 10, "block": 10}
    }
    config["experiments"]["main"] |= {
        "start": "base", "reference": "base", "prompts": {"set": "mine", "count": 10},
        "reward": {"view": "natural", "model": "rewarding"},
    }  # fmt: skip
    return {**config, "run": "natural"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return Checkout(tmp_path_factory.mktemp("checkout"))


def finished(checkout, config, *targets, left=frozenset()):
    """Run a configuration; returns its results folder. ``left`` are the rules of a further run."""
    path = checkout.folder / f"{config['run']}.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    checkout.snakemake(*targets, "--configfile", path.name)
    assert checkout.planned("--configfile", path.name).keys() == left
    return checkout.folder / f"results/{config['run']}"


UNFILLED = {f"table{number}" for number in (*range(1, 7), 8, *range(10, 16))} | {
    "figure1", "figure3", "figure4",
}  # fmt: skip
"""Tables and figures of the paper for which a run has no numbers: its report shows none of them."""


def test_main_by_lidr_runs_to_its_report(checkout):
    results = finished(checkout, by_lidr(), "policies", "report", left=UNFILLED)
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "1, by greedy decoding, and its translations" in page
    assert "There is no reward. Pairs: answers from English" in page
    assert "Noise floor" not in page and "reference of the reward" not in page
    assert not (results / "samples").exists() and not (results / "figures/alpha.png").exists()
    summary = json.loads((results / "pairs/main-1/de.json").read_text())
    assert summary["method"] == "lidr" and summary["pairs"] > 0
    means = pd.read_csv(results / "scores/main.csv")
    assert list(dict.fromkeys(means["policy"])) == ["base", "main-1"]


def test_main_by_a_reward_model_runs_to_its_report(checkout):
    results = finished(checkout, by_reward_model(checkout.folder))
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "scored by rewarding" in page and "external reward model" in page
    assert not (results / "logprobs").exists() and not (results / "figures/alpha.png").exists()
    record = json.loads((results / "provenance.json").read_text())
    assert set(record["models"]) == {"base", "rewarding"} and set(record["policies"]) == {"main-1"}
