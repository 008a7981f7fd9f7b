"""`scoring.precision: auto` in a run: decided first and once, used by all, never made anew."""

import json

import pandas as pd
import pytest
import yaml
from checkout import ROOT, Checkout
from tiny import tiny_folder

PAIRS = "results/auto/pairs/main-1/de.parquet"
DECISION = "results/auto/arithmetic/crosslingual/start/mine/de.json"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A run from folders: three models with random weights, 8 prompts in two blocks."""
    checkout = Checkout(tmp_path_factory.mktemp("auto") / "checkout")
    for seed, name in enumerate(("start", "reference", "other")):
        tiny_folder(checkout.folder / f"models/{name}", seed=seed)
    (checkout.folder / "mine").mkdir()
    for language in ("en", "de"):
        rows = [{"instruction": f"{language} {i}?", "instruction_id": str(i)} for i in range(8)]
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        (checkout.folder / f"mine/{language}.jsonl").write_text(text)
    write(checkout, {})
    return checkout


def write(checkout, experiments):
    """The configuration, with these experiments besides main."""
    config = yaml.safe_load((ROOT / "config/demo.yaml").read_text(encoding="utf-8"))
    main = config["experiments"]["main"]
    main |= {"languages": ["de"], "iterations": 1, "start": "start", "reference": "reference"}
    main["prompts"] = {"set": "mine", "count": 8}
    config |= {
        "run": "auto",
        "models": {
            name: {"source": {"folder": f"models/{name}"}}
            for name in ("start", "reference", "other")
        },
        "prompts": {"mine": {"source": {"folder": "mine"}, "languages": ["en", "de"],
                             "size": 8, "block": 4}},
        "experiments": {"main": main, **experiments},
    }  # fmt: skip
    config["compute"]["blocks_per_job"] = 1
    config["scoring"] |= {"precision": "auto", "likelihood_fall": 100.0}
    del config["evaluation"]
    path = checkout.folder / "config/demo.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))


def test_a_run_decides_once_and_a_further_reference_reruns_no_finished_score(checkout):
    checkout.snakemake("--", PAIRS)
    decision = json.loads((checkout.folder / DECISION).read_text())["languages"]["de"]
    assert decision["prompts"] == 4 and decision["responses"] > 30
    assert {trial["reference"] for trial in decision["trials"]} == {"reference"}
    scores = sorted((checkout.folder / "results/auto/logprobs/crosslingual/start").rglob("*.parq*"))
    assert len(scores) == 4
    for path in scores:
        assert set(pd.read_parquet(path)["arithmetic"]) == {decision["arithmetic"]}
    summary = json.loads((checkout.folder / PAIRS).with_suffix(".json").read_text())
    assert summary["arithmetic"]["name"] == decision["arithmetic"]
    assert summary["arithmetic"]["trials"] == decision["trials"]
    assert summary["arithmetic"]["check"]["extremes"] == 8, "two prompts of two blocks"

    write(checkout, {"again": {"reference": "other"}})
    jobs = checkout.planned("--", PAIRS, PAIRS.replace("main", "again"))
    assert jobs["arithmetic"] == [DECISION]
    assert {path.split("/")[5] for path in jobs["logprobs"]} == {"other"}
    assert "sample" not in jobs
    assert [path.split("/")[3] for path in jobs["build_pairs"]] == ["again-1"]
