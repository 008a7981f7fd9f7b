"""The results of the demo."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datasets import load_dataset

from icr.storage.blocks import responses_in

LANGUAGES = ["en", "es", "ru", "de", "fr"]
FOREIGN = LANGUAGES[1:]
PLANTED = Path(__file__).parents[1] / "planted_truth.json"


def scores(demo, policy):
    return pd.read_parquet(demo.folder / f"results/demo/scores/{policy}")


def summary(demo, policy, language):
    return json.loads((demo.folder / f"results/demo/pairs/{policy}/{language}.json").read_text())


def test_a_finished_run_has_nothing_to_do(demo):
    assert demo.planned() == {}


def test_figures_and_report_exist(demo):
    results = demo.folder / "results/demo"
    for name in ("alpha", "rewards", "training", "scores", "lengths", "costs"):
        assert (results / f"figures/{name}.png").stat().st_size > 10_000
        assert (results / f"figures/{name}.pdf").read_bytes().startswith(b"%PDF")
    text = (results / "report.html").read_text(encoding="utf-8")
    assert "main-2" in text and "Noise floor" in text and "Spanish" in text
    drawn = len(list((results / "figures").glob("*.png")))
    assert text.count("data:image/png;base64,") == drawn


def test_the_frozen_configuration_describes_the_same_run(demo):
    """A run with the configuration in the results folder has nothing to do."""
    frozen = "results/demo/config.yaml"
    assert demo.planned("--configfile", frozen) == {}
    record = json.loads((demo.folder / "results/demo/provenance.json").read_text())
    assert set(record["models"]) == {"miniature-sft", "miniature-dpo"}
    assert set(record["policies"]) >= {"main-1", "main-2"}
    prompts = {f"resources/prompts/miniature/{language}.jsonl" for language in LANGUAGES}
    assert prompts < set(record["data"])


def test_no_work_folder_is_left(demo):
    assert not list((demo.folder / "results").rglob(".*.work"))


@pytest.mark.parametrize("policy", ["main-1", "main-2"])
def test_iterations_beat_the_start_in_languages_without_alignment(demo, policy):
    """The mean over the four foreign languages, with a paired bootstrap over facts."""
    tables = [scores(demo, name) for name in ("miniature-dpo", policy)]
    before, after = (
        t[t["language"].isin(FOREIGN)].groupby(["language", "fact"])["score"].mean().unstack()
        for t in tables
    )
    gain = (after - before).to_numpy()
    assert gain.mean() > 0
    generator = np.random.default_rng(0)
    facts = generator.integers(0, gain.shape[1], (2000, gain.shape[1]))
    assert np.quantile(gain.mean(axis=0)[facts].mean(axis=1), 0.05) > 0


def test_the_reward_orders_responses_as_the_oracle_does(demo):
    """Of two responses with different oracle scores, the reward mostly prefers the better one."""
    from icr.miniature.oracle import judge
    from icr.miniature.world import World

    world = World(demo.folder / "config/miniature/facts.yaml")
    shares = []
    for language in LANGUAGES:
        folder = demo.folder / "results/demo"
        responses = pd.read_parquet(folder / f"pairs/main-1/{language}.responses.parquet")
        samples = responses_in(language, (folder / "samples/miniature-dpo").rglob("*.parquet"))
        truth = [
            judge(world, world.fact_of(name), language, text).score
            for name, text in zip(samples["id"], samples["response"], strict=True)
        ]
        truth = np.array(truth).reshape(-1, 10)
        reward = responses["reward"].to_numpy().reshape(-1, 10)
        i, j = np.triu_indices(10, 1)
        better = truth[:, i] - truth[:, j]
        agrees = (reward[:, i] - reward[:, j]) * better > 0
        shares.append(agrees[np.abs(better) > 1e-6].mean())
    assert np.mean(shares) > 0.65


def test_chosen_responses_are_longer_without_the_penalty(demo):
    alphas = [summary(demo, "main-1", la)["alpha"] for la in LANGUAGES]
    excess = [alpha["difference_without"] - alpha["difference"] for alpha in alphas]
    assert np.mean(excess) > 3
    assert max(abs(alpha["difference"]) for alpha in alphas) < 1


def test_the_reward_spread_exceeds_the_noise_floor(demo):
    for language in LANGUAGES:
        pairs = summary(demo, "main-1", language)
        assert pairs["reward_spread"] > 100 * pairs["noise_floor"] > 0


def test_pairs_load_as_a_data_set(demo):
    files = str(demo.folder / "results/demo/pairs/main-1/*[a-z].parquet")
    rows = load_dataset("parquet", data_files=files.replace("*[a-z]", "es"))["train"]
    assert {"prompt", "chosen", "rejected"} <= set(rows.column_names)
    assert rows[0]["chosen"] != rows[0]["rejected"]


def test_a_policy_is_a_loadable_folder_with_a_card(demo):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = demo.folder / "results/demo/policies/main-2"
    AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    assert AutoTokenizer.from_pretrained(folder, local_files_only=True).chat_template
    assert "main-1" in (folder / "README.md").read_text(encoding="utf-8")


def test_training_counts_its_steps(demo):
    training = json.loads((demo.folder / "results/demo/training/main-1.json").read_text())
    curves = pd.read_csv(demo.folder / "results/demo/training/main-1.csv")
    assert training["pairs"] == sum(summary(demo, "main-1", la)["pairs"] for la in LANGUAGES)
    assert training["steps"] == len(curves) == -(-training["pairs"] // 16)


def test_logs_and_benchmarks_follow_the_paths_of_results(demo):
    results = demo.folder / "results/demo"
    for block in (results / "samples").rglob("*.parquet"):
        path = block.relative_to(results)
        assert (results / "logs" / path).with_suffix(".log").stat().st_size
        assert (results / "benchmarks" / path).with_suffix(".tsv").stat().st_size


def foreign_mean(demo, evaluation, policy, read):
    """Mean of a metric over the foreign languages, and its standard error."""
    folder = demo.folder / f"results/demo/{evaluation}/{policy}"
    values = [read(json.loads((folder / f"{la}/metrics.json").read_text())) for la in FOREIGN]
    return np.mean([value for value, _ in values]), np.linalg.norm([e for _, e in values]) / 4


@pytest.mark.parametrize(
    ("evaluation", "read"),
    [
        ("xalpacaeval", lambda m: (m["win_rate"], m["win_rate_se"])),
        ("mtbench", lambda m: (m["score"], m["score_se"])),
        ("nlp", lambda m: (m["truthfulqa_mc1"]["value"], m["truthfulqa_mc1"]["stderr"])),
        ("nlp", lambda m: (m["truthfulqa_mc2"]["value"], m["truthfulqa_mc2"]["stderr"])),
    ],
)
def test_the_evaluations_agree_with_the_oracle(demo, evaluation, read):
    """The metric rises from π⁰ to π¹ to π², in total by more than two standard errors."""
    policies = ("miniature-dpo", "main-1", "main-2")
    values = [foreign_mean(demo, evaluation, policy, read) for policy in policies]
    assert [value for value, _ in values] == sorted(value for value, _ in values)
    (first, first_error), _, (last, last_error) = values
    assert last - first > 2 * np.hypot(first_error, last_error)


def test_the_reward_agrees_with_the_judge_of_its_pairs(demo):
    read = lambda m: (m["accuracy"], m["accuracy_se"])  # noqa: E731
    for policy in ("main-1", "main-2"):
        value, error = foreign_mean(demo, "reward-accuracy", policy, read)
        assert value - 2 * error > 0.7


def test_the_planted_claims_are_shown(demo):
    """Each reaches the threshold measured over seeds on which nothing was tuned."""
    claims = json.loads((demo.folder / "results/demo/claims.json").read_text(encoding="utf-8"))
    planted = {claim["claim"]: claim for claim in claims if claim["planted"]}
    assert len(planted) == 8
    assert {name for name, claim in planted.items() if claim["verdict"] != "shown"} == set()
    expected = json.loads(PLANTED.read_text(encoding="utf-8"))
    for name, claim in planted.items():
        assert expected[name]["verdict"] == "shown", "by `make planted-truth`, over its seeds"
        assert claim["value"] >= expected[name]["threshold"], name
