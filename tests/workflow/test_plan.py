"""The plan of the paper's configuration, and messages about wrong configurations."""

import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from checkout import ROOT, Checkout
from real_files import upstream

from icr.cluster.plan import dry_run

SHARED = (
    "sample", "self_translate", "logprobs", "natural_rewards", "hidden_states", "greedy",
    "greedy_translate",
)  # fmt: skip
"""Rules whose jobs experiments share."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return Checkout(tmp_path_factory.mktemp("plan"))


def hide_conda(monkeypatch):
    """Take the folders that hold conda out of PATH."""
    folders = os.environ["PATH"].split(os.pathsep)
    kept = [folder for folder in folders if not (Path(folder) / "conda").exists()]
    monkeypatch.setenv("PATH", os.pathsep.join(kept))
    assert not shutil.which("conda")


def plan(checkout, *arguments):
    """Jobs by rule of a dry run."""
    done = checkout.snakemake("-n", "--quiet", "rules", *arguments, profile=False)
    return {k: int(v) for k, v in re.findall(r"^(\w+) +(\d+)$", done.stdout, re.M)}


BY_BLOCK = ("--config", "compute={blocks_per_job: 1}")
"""One job for each block of prompts and language, so that parts can be counted as jobs."""


@pytest.fixture(scope="module")
def whole(checkout):
    """The plan of the paper's configuration, by blocks."""
    return plan(checkout, *BY_BLOCK)


@pytest.fixture(scope="module")
def submitted(checkout):
    """The plan of the paper's configuration on a cluster without conda."""
    with pytest.MonkeyPatch.context() as patch:
        hide_conda(patch)
        return plan(checkout, "--profile", "slurm")


def test_jobs_of_several_blocks_do_the_same_in_fewer_starts(submitted, whole):
    for rule in ("sample", "logprobs", "natural_rewards"):
        assert submitted[rule] < whole[rule] / 2
    assert {k: v for k, v in submitted.items() if k not in {*SHARED, "total"}} == {
        k: v for k, v in whole.items() if k not in {*SHARED, "total"}
    }


def distinct(config):
    """Distinct jobs that the experiments need, by rule, counted from the YAML alone."""
    main = config["experiments"]["main"]
    jobs = {rule: set() for rule in SHARED}
    for name, row in config["experiments"].items():
        row = {**main, **(row or {})}
        prompts = {**main["prompts"], **row["prompts"]}
        block = config["prompts"][prompts["set"]]["block"]
        reference_moves = row.get("scoring_reference") == "previous"
        scored = row.get("reward", {}).get("view", "crosslingual")
        for t in range(1, row["iterations"] + 1):
            # A moving reference makes no difference before t = 2.
            lineage = "main" if reference_moves else name
            policy = row["start"] if t == 1 else f"{lineage}-{t - 1}"
            reference = row["start"] if reference_moves and t == 2 else row["reference"]
            for language in row["languages"]:
                view = "multilingual" if language == "en" else scored
                if row.get("pairs", {}).get("method") == "lidr":
                    answered = (policy, prompts["set"], prompts["count"], language)
                    jobs["greedy"].add(answered)
                    others = set(row["languages"]) - {"en"} if language == "en" else {"en"}
                    jobs["greedy_translate"] |= {(*answered, other) for other in others}
                    continue
                for b in range(prompts["count"] // block):
                    answered = (policy, prompts["set"], language, b)
                    jobs["sample"].add(answered)
                    if scored == "lacomsa":
                        english = (policy, prompts["set"], "en", b)
                        jobs["sample"].add(english)
                        jobs["hidden_states"] |= {answered, english}
                        continue
                    if scored == "natural":
                        jobs["natural_rewards"].add((*answered, row["reward"]["model"]))
                        continue
                    jobs["logprobs"] |= {(*answered, s, view) for s in (policy, reference)}
                    if view == "translated":
                        jobs["self_translate"].add(answered)
    return {rule: len(distinct_jobs) for rule, distinct_jobs in jobs.items()}


def test_nothing_is_computed_twice(checkout, whole):
    config = yaml.safe_load((checkout.folder / "config/config.yaml").read_text())
    assert {rule: whole[rule] for rule in SHARED} == distinct(config)
    rows = [row or {} for row in config["experiments"].values()]
    iterations = [row.get("iterations", 2) for row in rows if row.get("train", True)]
    assert whole["train"] == sum(iterations) - 1  # previous-reference shares main's iteration 1


ABLATIONS = {
    "no-length-penalty": 5, "no-reference": 5, "croco-in-icr-setting": 5, "lacomsa-unweighted": 4,
}  # fmt: skip
"""Experiments that differ from others in the reward or the pairs alone, with their languages."""


def test_ablations_of_the_reward_add_no_sampling_or_scoring(checkout, whole):
    config = yaml.safe_load((checkout.folder / "config/config.yaml").read_text())
    evaluation = config["evaluation"]
    named = [evaluation["nlp"]["policies"], evaluation["reward_accuracy"]["experiments"]]
    for ablation in ABLATIONS:
        del config["experiments"][ablation]
        for policies in named:
            policies[:] = [policy for policy in policies if policy != f"{ablation}-1"]
    (checkout.folder / "config/without.yaml").write_text(yaml.safe_dump(config))
    without = plan(checkout, "--configfile", "config/without.yaml", *BY_BLOCK)
    assert whole["train"] - without["train"] == len(ABLATIONS)
    assert whole["build_pairs"] - without["build_pairs"] == sum(ABLATIONS.values())
    for rule in ("sample", "logprobs", "hidden_states"):
        assert whole[rule] == without[rule]


@pytest.mark.parametrize("name", ["small", "demo"])
def test_the_smaller_configurations_plan(checkout, name):
    jobs = plan(checkout, "--configfile", f"config/{name}.yaml", *BY_BLOCK)
    assert jobs["sample"] == 10 and jobs["align"] == 1


def test_the_papers_rewards_are_tested_on_m_rewardbench(checkout):
    files = [f"config/{name}.yaml" for name in ("config", "rewardbench")]
    jobs = plan(checkout, "--configfile", *files, "--", "rewardbench")
    assert (jobs["natural_triple_scores"], jobs["triple_logprobs"]) == (20, 36)
    assert (jobs["fetch_preferences"], jobs["rewardbench_metrics"], jobs["train"]) == (5, 50, 2)
    assert not any("judge" in rule for rule in jobs)


def test_the_rivals_plan_on_real_input(checkout, monkeypatch, tmp_path):
    """Pairs of three systems share the samples of three languages."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from real_rivals_inputs import write

    write(*upstream(tmp_path), checkout.folder / "data/real-rivals")
    jobs = plan(
        checkout, "--configfile", "config/real-rivals.yaml", *BY_BLOCK, "--", "pairs", "rewardbench"
    )
    assert jobs["sample"] == jobs["natural_rewards"] == 3 and jobs["train_reward_model"] == 1
    assert jobs["build_pairs"] == 8 and jobs["pooled_pairs_croco_pooled_1"] == 1
    assert jobs["rewardbench_metrics"] == 9 and "train" not in jobs


@pytest.mark.parametrize(("files", "hours"), [(["one-gpu"], 24), (["one-gpu", "one-gpu-24gb"], 48)])
def test_one_gpu_is_busy_for_a_day_at_most(checkout, monkeypatch, files, hours):
    """Of an A100; half as fast with 24 GB."""
    monkeypatch.chdir(checkout.folder)
    rows = dry_run("Snakefile", [f"config/{name}.yaml" for name in files], {}, "--forceall")
    assert (rows["train"].jobs, rows["sample"].jobs, rows["logprobs"].jobs) == (5, 2, 10)
    assert max(row.gpus for row in rows.values()) == 1, "one job's models share no GPUs"
    assert sum(row.usd for row in rows.values()) == 0
    assert 1 < sum(row.gpu_hours for row in rows.values()) <= hours


def test_all_experiments_plan_on_the_miniature(checkout):
    """All experiments of the paper except external reward models, at the miniature's size."""
    jobs = plan(checkout, "--configfile", "config/demo-all.yaml", *BY_BLOCK)
    config = yaml.safe_load((checkout.folder / "config/config.yaml").read_text())
    small = yaml.safe_load((checkout.folder / "config/demo-all.yaml").read_text())
    of_reward_models = {"natural-reward", "croco-in-icr-setting"}
    assert config["experiments"].keys() - small["experiments"].keys() == of_reward_models
    only_here = small["experiments"].keys() - config["experiments"].keys()
    assert only_here == {
        "croco-pairs", "croco-pooled", "best-of-n", "english-reward-model",
        "english-reward-model-240", "untrained-reward-model",
    }  # fmt: skip
    assert jobs["align"] == 3 and jobs["train"] == 27 and jobs["train_reward_model"] == 3
    assert (jobs["self_translate"], jobs["greedy"], jobs["greedy_translate"]) == (4, 20, 32)


def test_a_mistake_is_named_before_any_job(checkout):
    checkout.edit("config/demo.yaml", "run: demo", "run: demo\nsamplnig: {}")
    done = checkout.snakemake("-n", "--configfile", "config/demo.yaml", check=False, profile=False)
    assert done.returncode == 1
    assert "samplnig: unknown key" in done.stdout
    assert "Traceback" not in done.stdout
    checkout.edit("config/demo.yaml", "run: demo\nsamplnig: {}", "run: demo")


def test_a_layer_that_the_model_lacks_is_named_before_any_job(checkout):
    text = (checkout.folder / "config/demo-all.yaml").read_text()
    beyond = text.replace("reward: {view: lacomsa, layer: 2}", "reward: {view: lacomsa, layer: 4}")
    (checkout.folder / "changed.yaml").write_text(beyond)
    done = checkout.snakemake("-n", "--configfile", "changed.yaml", check=False, profile=False)
    assert done.returncode == 1 and "Traceback" not in done.stdout
    assert (
        "experiments.lacomsa.reward.layer: 4, but 'miniature-dpo' has 3 layers; name one of 1 to 3"
        in done.stdout
    )


def test_a_bad_download_is_named_on_the_terminal(checkout):
    """The message of a failed job is on the terminal, not only in its log."""
    config = yaml.safe_load((checkout.folder / "config/small.yaml").read_text())
    source = config["prompts"]["ultrafeedback-1000"]["source"]
    path = source["path"].format(language="en")
    file = checkout.folder / "mirror" / source["repo"] / source["commit"] / path
    file.parent.mkdir(parents=True)
    file.write_text('{"instruction": "changed", "instruction_id": "a"}\n')
    (checkout.folder / "mine.yaml").write_text(
        yaml.safe_dump({**config, "mirrors": {"github": "mirror"}})
    )
    done = checkout.snakemake(
        "--cores", "1", "--configfile", "mine.yaml", "--",
        "resources/prompts/ultrafeedback-1000/en.jsonl", check=False, profile=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "random_1000/en.jsonl: blob id" in done.stdout


def test_a_cluster_run_is_planned_without_conda(checkout, submitted, monkeypatch):
    assert submitted["total"] > 500
    hide_conda(monkeypatch)
    small = ["--configfile", "config/demo.yaml"]
    planned = checkout.snakemake("plan", "--profile", "slurm", *small, profile=False)
    assert "GPU-hours" in planned.stdout


def test_a_cluster_run_without_conda_stops_before_any_submission(checkout, monkeypatch):
    hide_conda(monkeypatch)
    small = ["--configfile", "config/demo.yaml"]
    done = checkout.snakemake("--profile", "slurm", *small, check=False, profile=False)
    assert done.returncode == 1
    assert "conda is not on PATH" in done.stdout
    assert not (checkout.folder / ".snakemake/slurm_logs").exists()


def test_a_target_after_a_configuration_file_is_read_as_a_second_file(checkout):
    """The README quotes the message, and names the two orders that work."""
    small = ["-n", "--configfile", "config/demo.yaml"]
    swallowed = checkout.snakemake(*small, "table13", check=False, profile=False)
    assert "No such file or directory: 'table13'" in swallowed.stdout
    for arguments in (["table13", *small], [*small, "--", "table13"]):
        assert "table13: " in checkout.snakemake(*arguments, profile=False).stdout


def planned_with(checkout, base, change):
    """Jobs by rule of a shipped configuration after a change."""
    config = yaml.safe_load((checkout.folder / f"config/{base}.yaml").read_text())
    change(config)
    (checkout.folder / "changed.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return plan(checkout, "--configfile", "changed.yaml")


def test_figures_without_data_are_not_planned(checkout):
    """Main trains nothing, has no implicit reward, and is not judged on X-AlpacaEval."""

    def change(config):
        config["experiments"] = {
            "main": {
                **config["experiments"]["main"],
                "reward": {"view": "natural", "model": "tulu-v2.5-13b-rm"},
                "iterations": 1,
                "train": False,
            }
        }
        config["evaluation"] = {
            "xalpacaeval": {**config["evaluation"]["xalpacaeval"], "policies": ["aya-23-8b"]}
        }

    jobs = planned_with(checkout, "config", change)
    assert jobs["report"] == 1 and jobs["figure_lengths"] == 1
    assert not jobs.keys() & {"figure_alpha", "figure_training", "figure_xalpacaeval", "logprobs"}


def test_without_rewards_claims_about_them_plan_no_samples(checkout):
    """Other experiments inherit from main; nothing is sampled for the report alone."""

    def change(config):
        config["experiments"]["main"]["pairs"] = {"method": "lidr"}
        config["experiments"]["multilingual-reward"]["pairs"] = {"method": "reward"}
        config["evaluation"] = {}

    jobs = planned_with(checkout, "demo", change)
    assert jobs["claims"] == 1
    assert jobs["sample"] == 1  # a block of each language, for the multilingual reward


def test_a_duplicate_key_is_named_before_any_job(checkout):
    text = (checkout.folder / "config/demo.yaml").read_text()
    duplicate = text.replace("  no-length-penalty:", "  main:", 1)
    (checkout.folder / "changed.yaml").write_text(duplicate)
    done = checkout.snakemake("-n", "--configfile", "changed.yaml", check=False, profile=False)
    assert done.returncode == 1
    assert "'main' is already used in line" in done.stdout and "Traceback" not in done.stdout
