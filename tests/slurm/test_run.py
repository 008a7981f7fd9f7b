"""Runs on a real SLURM: `snakemake --profile slurm`."""

import json
import re

import pandas as pd
from cluster import rule_of
from short_run import SPANISH, content

GPU_RULES = {"sample", "logprobs", "train"}


def test_every_rule_except_local_ones_ran_as_a_job(finished):
    logs = (finished.folder / ".snakemake/log").glob("*.snakemake.log")
    output = "".join(log.read_text() for log in logs)
    jobs = re.findall(r"Job \d+ has been submitted with SLURM jobid (\d+)", output)
    assert len(jobs) == len(set(jobs))
    seen = {rule_of(comment) for snapshot in finished.seen for _, _, comment in snapshot}
    assert seen >= {*GPU_RULES, "miniature_model", "build_pairs", "oracle_scores"}
    assert not seen & {"miniature_prompts", "check_prompts", "claims", "policies"}
    assert (finished.folder / "results/mini/claims.json").exists()


def test_a_third_gpu_job_waits_while_two_run(finished):
    maximum = 0
    waited = False
    for snapshot in finished.seen:
        gpu = [state for _, state, comment in snapshot if rule_of(comment) in GPU_RULES]
        maximum = max(maximum, gpu.count("RUNNING"))
        waited |= gpu.count("RUNNING") == 2 and "PENDING" in gpu
    assert maximum == 2 and waited


def test_a_run_without_slurm_computes_the_same_bytes(finished, tmp_path):
    """One language, from responses to pairs, by the demo's profile."""
    site = finished.copy(tmp_path / "checkout", SPANISH)
    site.snakemake("--configfile", "mini.yaml", "--", "results/mini/pairs/main-1/es.parquet")
    expected, files = content(finished.folder), content(site.folder)
    assert files.keys() == expected.keys()
    assert [name for name in expected if files[name] != expected[name]] == []


EIGHT = """
include: "Snakefile"

rule eight:
    output:
        "eight.txt",
    resources:
        gpu=8,
        mem_mb=1000,
        runtime=5,
    shell:
        "echo $CUDA_VISIBLE_DEVICES $SLURM_NTASKS $HF_HUB_OFFLINE >> eight.log; sleep 2; "
        "cp eight.log {output}"
"""


def test_a_job_of_eight_gpus_starts_once_sees_all_and_works_offline(cluster, finished, tmp_path):
    site = finished.copy(tmp_path / "checkout", leave_out=["results", "resources", ".snakemake"])
    (site.folder / "eight.smk").write_text(EIGHT)
    cluster.restart(gpus=8)
    try:
        site.run("--snakefile", "eight.smk", "eight.txt")
    finally:
        cluster.restart()
    assert (site.folder / "eight.txt").read_text().split() == ["0,1,2,3,4,5,6,7", "1", "1"]


def test_two_processes_train_the_same_policy_as_one(finished, tmp_path):
    """The rule as on a GPU node, with DeepSpeed ZeRO-2, here on the node's CPUs."""
    site = finished.copy(tmp_path / "checkout", ["results/mini/policies", "results/mini/training"])
    site.edit("mini.yaml", "training_processes: 1", "training_processes: 2")
    site.edit("mini.yaml", "micro_batch: 4", "micro_batch: 2")
    site.run("results/mini/policies/main-1", "--rerun-triggers", "mtime")
    single, double = (
        pd.read_csv(folder / "results/mini/training/main-1.csv")
        for folder in (finished.folder, site.folder)
    )
    columns = ["loss", "chosen_logp", "rejected_logp", "margin"]
    pd.testing.assert_frame_equal(single[columns], double[columns], atol=1e-4, rtol=1e-4)
    summary = json.loads((site.folder / "results/mini/training/main-1.json").read_text())
    assert summary["processes"] == 2
