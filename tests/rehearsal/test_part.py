"""A part of the rehearsal, with each kind of download and job of the paper's configuration."""

import json
import shutil

import pandas as pd
import pytest
import yaml
from checkout import ROOT

from icr.config import load_config
from icr.workflow.study import Study
from rehearsal.check import problems
from rehearsal.overlay import ALLOWED, differences
from rehearsal.stage import fetched_models, staged
from rehearsal.traps import TRAPS, named

RESULTS = "results/paper"
TARGETS = {
    "policies/main-1",
    "pairs/prompts-5000-1/de.json",
    "xalpacaeval/main-1/de/metrics.json",
    "xalpacaeval/gpt-4o-mini/de/metrics.json",
    "mtbench/llama-3-8b-sft-dpo/ru/metrics.json",
    "nlp/llama-3-8b-sft-dpo/ru/metrics.json",
    "pairs/translated-reward-1/de.json",
    "reward-accuracy/natural-reward-1/de/metrics.json",
    "pairs/lidr-1/de.json",
    "tables/table7.csv",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rehearsal")


@pytest.fixture(scope="module")
def stage(folder):
    with staged(folder) as stage:
        yield stage


@pytest.fixture(scope="module")
def results(stage, folder):
    """Make the targets; returns their results folder."""
    log = folder / "snakemake.log"
    status = stage.snakemake(*(f"{RESULTS}/{target}" for target in TARGETS), log=log)
    assert status == 0, log.read_text(encoding="utf-8")[-5000:]
    return stage.checkout.folder / RESULTS


def read(file):
    return json.loads(file.read_text(encoding="utf-8"))


def test_the_main_chain_ends_in_a_judged_policy(results):
    policy = results / "policies/main-1"
    assert (policy / "config.json").is_file()
    summary = read(results / "training/main-1.json")
    assert summary["processes"] == 2
    metrics = read(results / "xalpacaeval/main-1/de/metrics.json")
    assert metrics["judged"] == 12 and metrics["lc_problem"] is None
    assert metrics["model"] == "gpt-4-1106-preview"


def test_responses_end_by_themselves_and_differ_in_length(results):
    """In the template of these models, the turn-end token is not EOS."""
    files = sorted(results.glob("samples/llama-3-8b-sft-dpo/ultrafeedback/*/*.parquet"))
    samples = pd.concat(map(pd.read_parquet, files))
    assert len(samples) == 5 * 6 * 10
    assert samples["response"].str.len().nunique() > 5
    ended = samples[samples["finish_reason"] == "stop"]
    assert len(ended) > 0.9 * len(samples)


def test_other_rewards_and_lidr_make_pairs(results):
    for name in ("translated-reward-1/de", "natural-reward-1/de", "lidr-1/de"):
        assert read(results / f"pairs/{name}.json")["pairs"] > 0, name


def test_scores_share_one_arithmetic_and_a_further_reference_reruns_none(stage, results):
    """Four prompts decide for two blocks; another reference is tried, and scored alone."""
    start, reference = "llama-3-8b-sft-dpo", "llama-3-8b-sft"
    file = f"arithmetic/crosslingual/{start}/ultrafeedback/es-ru-de-fr.json"
    decision = read(results / file)["languages"]["de"]
    assert decision["prompts"] == 4 and decision["responses"] > 30
    assert {trial["reference"] for trial in decision["trials"]} == {reference, None}
    files = results.glob(f"logprobs/crosslingual/{start}/*/ultrafeedback/*/*.parquet")
    scores = pd.concat(map(pd.read_parquet, files))
    german = scores[scores["language"] == "de"]
    assert len(german) == 2 * 6 * 10 and set(german["arithmetic"]) == {decision["arithmetic"]}
    trials = [trial for trial in decision["trials"] if trial["reference"] == reference]
    for name, blocks in (("main-1", 1), ("prompts-5000-1", 2)):
        arithmetic = read(results / f"pairs/{name}/de.json")["arithmetic"]
        assert arithmetic["name"] == decision["arithmetic"] and arithmetic["trials"] == trials
        assert arithmetic["check"]["extremes"] == 4 * blocks, "two prompts of each block"

    config = yaml.safe_load((stage.checkout.folder / "config/config.yaml").read_text("utf-8"))
    config["experiments"]["again"] = {"reference": "llama-3-8b-instruct"}
    (stage.checkout.folder / "config/again.yaml").write_text(yaml.safe_dump(config))
    targets = [f"{RESULTS}/pairs/{name}-1/de.json" for name in ("main", "again")]
    options = ("--rerun-triggers", "mtime", "input", "params", "--configfile", "config/again.yaml")
    jobs = stage.checkout.planned(*options, "--", *targets, profile=False)
    assert jobs["arithmetic"] == [f"{RESULTS}/{file}"]
    assert {path.split("/")[5] for path in jobs["logprobs"]} == {"llama-3-8b-instruct"}
    assert "sample" not in jobs
    assert [path.split("/")[3] for path in jobs["build_pairs"]] == ["again-1"]


def test_every_evaluation_has_metrics(results):
    assert read(results / "mtbench/llama-3-8b-sft-dpo/ru/metrics.json")
    assert set(read(results / "nlp/llama-3-8b-sft-dpo/ru/metrics.json")) == {
        "arc", "hellaswag", "mmlu", "truthfulqa_mc1", "truthfulqa_mc2",
    }  # fmt: skip
    assert read(results / "reward-accuracy/natural-reward-1/de/metrics.json")["pairs"] > 0
    assert read(results / "xalpacaeval/gpt-4o-mini/de/metrics.json")["judged"] == 12


def test_models_are_fetched_as_shards_with_an_index(results):
    models = results.parents[1] / "resources/models"
    for name in ("llama-3-8b-sft", "llama-3-8b-instruct", "tulu-v2.5-13b-rm"):
        assert (models / name / "model.safetensors.index.json").is_file()
        assert not list(models.glob(f"{name}/model.safetensors"))


def test_missing_results_are_named(results):
    """The check of a whole rehearsal names what this part did not make."""
    missing = problems(results.parents[1])
    assert "table 13 is missing" in missing and "table 7 is missing" not in missing
    assert "policy kto-2 was not trained" in missing
    assert "policy main-1 was not trained" not in missing
    assert "figure 1 has no pdf" in missing


def test_an_empty_cell_is_named(results, tmp_path):
    copy = tmp_path / RESULTS
    shutil.copytree(results / "tables", copy / "tables")
    shutil.copytree(results.parents[1] / "config", tmp_path / "config")
    table = copy / "tables/table7.csv"
    table.write_text("table,row,language,metric,ours,note\n13,p-1000,de,LC,,not run\n")
    assert "table 7, p-1000 de LC: not run" in problems(tmp_path)


def test_only_sizes_addresses_and_backends_differ(stage):
    assert {kind for kind, _ in stage.changes} == set(ALLOWED) - {"judge"}
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    changed = yaml.safe_load((stage.checkout.folder / "config/config.yaml").read_text("utf-8"))
    changed["experiments"]["main"]["training"]["learning_rate"] = 1.0
    with pytest.raises(ValueError, match=r"must not change experiments\.main\.training\.learning"):
        differences(config, changed)


def test_the_rehearsed_run_has_the_papers_policies(stage):
    """Other sizes neither merge nor split iterations."""
    studies = []
    for path in (ROOT, stage.checkout.folder):
        raw = yaml.safe_load((path / "config/config.yaml").read_text(encoding="utf-8"))
        studies.append(Study(load_config(raw)))
    paper, rehearsed = studies
    assert paper.policies.trained == rehearsed.policies.trained
    judged = [study.evaluations.xalpacaeval.languages for study in studies]
    assert judged[0] == judged[1]


def test_every_model_that_the_run_fetches_has_a_stand_in(stage, folder):
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
    planned = stage.checkout.planned("--forceall", "all", profile=False)
    fetched = {output.rsplit("/", 1)[-1] for output in planned["fetch_model"]}
    stand_ins = fetched_models(config)
    assert fetched == set(stand_ins)
    assert all((folder / "hub" / repo / "config.json").is_file() for repo in stand_ins.values())


@pytest.mark.parametrize("name", ["missing-shard", "no-key"])
def test_the_fault_of_a_trap_is_named(name, tmp_path):
    """Each trap costs a start; the others are for ``make rehearsal ASK="--trap NAME"``."""
    trap, log = TRAPS[name], tmp_path / "snakemake.log"
    with staged(tmp_path, frozenset({name})) as stage:
        assert stage.snakemake(trap.target, log=log) != 0
    assert named(stage.checkout.folder, log.read_text(encoding="utf-8"), trap)
