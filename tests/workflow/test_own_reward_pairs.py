"""A reward and a pairing from files outside the library make pairs (docs/extending.md)."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from checkout import ROOT, Checkout

TEXTS = {
    "a": ["one two three four", "one one two two", "one one one one", "one two two three"],
    "b": ["six", "six six", "six six six six six", "six seven eight six"],
}
REWARDS = {"a": [0, -0.5, -0.75, -0.25], "b": [0, -0.5, -0.8, -0.25]}
"""Minus the share of repeated words."""


@pytest.fixture
def sampled(tmp_path):
    """A checkout with the toys' rows and German samples of two prompts."""
    checkout = Checkout(tmp_path / "checkout")
    shutil.copytree(ROOT / "tests/extensions", checkout.folder / "mine")
    path = checkout.folder / "config/demo.yaml"
    config = yaml.safe_load(path.read_text())
    config["extensions"] = ["mine/toy_reward.py", "mine/toy_pairing.py"]
    shared = {"languages": ["de"], "iterations": 1, "prompts": {"set": "miniature", "count": 2}}
    config["experiments"] |= {
        "toy": {
            **shared,
            "reward": {"view": "few-repeats"},
            "pairs": {"method": "best-middle", "settings": {"quantile": 0.5}},
        },
        "confident": {**shared, "reward": {"view": "confidence"}},
    }
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    rows = [
        {"language": "de", "id": prompt, "index": index, "prompt": prompt, "prompt_ids": [1],
         "response": text, "response_ids": [2, index], "finish_reason": "stop", "logprob": -1.0}
        for prompt, texts in TEXTS.items()
        for index, text in enumerate(texts)
    ]  # fmt: skip
    file = checkout.folder / "results/demo/samples/miniature-dpo/miniature/de/0000.parquet"
    file.parent.mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(file, index=False)
    return checkout


def test_own_methods_make_the_pairs_of_their_formulas(sampled):
    file = "results/demo/pairs/toy-1/de.parquet"
    sampled.snakemake("--allowed-rules", "build_pairs", "--", file)
    pairs = pd.read_parquet(sampled.folder / file).set_index("id")
    responses = pd.read_parquet((sampled.folder / file).with_suffix(".responses.parquet"))
    for prompt, rewards in REWARDS.items():
        computed = responses[responses["id"] == prompt]["reward"]
        assert computed.tolist() == pytest.approx(rewards)
        order = np.argsort(rewards)
        assert pairs.loc[prompt, "chosen_index"] == order[3]
        assert pairs.loc[prompt, "rejected_index"] == order[1], "the lower middle reward"
    summary = json.loads((sampled.folder / file).with_suffix(".json").read_text())
    assert summary["pairs"] == 2 and summary["alpha"] is None and summary["noise_floor"] is None


def test_own_methods_plan_the_jobs_whose_results_they_read(sampled):
    files = [f"results/demo/pairs/{policy}/de.parquet" for policy in ("toy-1", "confident-1")]
    shutil.rmtree(sampled.folder / "results/demo/samples")
    jobs = sampled.planned("--", files[0])
    assert len(jobs["sample"]) == 1 and "logprobs" not in jobs
    jobs = sampled.planned("--", *files)
    assert len(jobs["sample"]) == 1 and len(jobs["build_pairs"]) == 2
    assert [path.split("/")[3:5] for path in jobs["logprobs"]] == [
        ["multilingual", "miniature-dpo"]
    ]
