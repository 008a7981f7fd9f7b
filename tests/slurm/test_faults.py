"""Faults of clusters: each disturbed run ends in the same files as the undisturbed one.

Most run in parallel, since they mostly wait.
"""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from cluster import processes
from short_run import SPANISH, content

pytestmark = pytest.mark.timeout(3600)  # the first test waits for all faults
RUN = "results/mini"
SAMPLE = f"{RUN}/samples/start/miniature/es/0000.parquet"
PAIRS = [f"{RUN}/pairs/main-1/{language}.parquet" for language in ("en", "es")]
POLICY = f"{RUN}/policies/main-1"


def cancelled(site, cluster):
    """A running sampling job is cancelled by hand."""
    run = site.start(SAMPLE)
    job = cluster.wait_for("sample", site.folder, run)
    cluster.ask("scancel", job)
    assert site.ended(run), site.output()
    assert cluster.field(job, "JobState") == "CANCELLED"


def out_of_time(site, cluster):
    """A training stalls until its time limit, which is one minute in the first attempt."""
    limit = "train: {slurm_partition: gpu, runtime: 1 if attempt == 1 else 30}"
    site.edit("slurm/config.yaml", "train: *gpu_jobs", limit)
    run = site.start(POLICY)
    job = cluster.wait_for("train", site.folder, run)
    end = time.monotonic() + 50
    while not (trainers := processes(site.folder, "train.py")):
        assert time.monotonic() < end, site.output()
        time.sleep(0.1)
    for process in trainers:
        os.kill(process, signal.SIGSTOP)
    assert site.ended(run), site.output()
    assert cluster.field(job, "JobState") == "TIMEOUT"


def submitter_killed(site, cluster):
    """The submitting Snakemake is killed; its jobs survive, and the next start cancels them."""
    run = site.start(PAIRS[1])
    cluster.wait_for("sample", site.folder, run)
    run.kill()
    run.wait()
    assert cluster.jobs(site.folder), "no job survived Snakemake"
    site.run(PAIRS[1])
    assert "cancelling the jobs of a killed process" in site.output(everything=True)


def requeued(site, cluster):
    """SLURM requeues a running job, as after a preemption."""
    run = site.start(PAIRS[1])
    job = cluster.wait_for("build_pairs", site.folder, run)
    cluster.ask("scontrol", "requeue", job)
    assert site.ended(run), site.output()
    assert cluster.field(job, "Restarts") == "1"


def preempted(site, cluster):
    """SLURM cancels a running job to make room for another user's, and does not requeue it."""
    run = site.start(SAMPLE)
    job = cluster.wait_for("sample", site.folder, run)
    cluster.ask("sbatch", "--partition=urgent", "--mem=128000", "--output=/dev/null", "--wrap=true")
    assert site.ended(run), site.output()
    assert cluster.field(job, "JobState") == "PREEMPTED"


def node_failed(site, cluster):
    """The node of a running job goes down and returns; SLURM restarts the job."""
    run = site.start(SAMPLE)
    job = cluster.wait_for("sample", site.folder, run)
    for state in ("down", "resume"):
        cluster.ask("scontrol", "update", "node=localhost", f"state={state}", "reason=test")
        time.sleep(3)
    assert site.ended(run), site.output()
    assert cluster.field(job, "Restarts") == "1"


def controller_gone(site, cluster):
    """The controller is down for half a minute while jobs run.

    The jobs hold no GPUs: SLURM 22.05 itself loses count of GPUs for which jobs wait meanwhile.
    """
    run = site.start(*PAIRS)
    cluster.wait_for("build_pairs", site.folder, run, count=len(PAIRS))
    cluster.wait_saved()
    cluster.kill_controller()
    time.sleep(30)
    cluster.start_controller()
    assert site.ended(run), site.output()


FAULTS = {
    cancelled: [SAMPLE],
    out_of_time: [POLICY],
    submitter_killed: SPANISH,
    requeued: PAIRS[1:],
    preempted: [SAMPLE],
    node_failed: [SAMPLE],
    controller_gone: PAIRS,
}
"""Results that are missing at each fault: those whose jobs it disturbs."""
ALONE = (preempted, node_failed, controller_gone)
"""Faults that disturb every job of the cluster."""


@pytest.fixture(scope="module")
def disturbed(finished, cluster, tmp_path_factory):
    """A future of each fault's checkout after the run, by fault."""

    def disturb(fault):
        folder = tmp_path_factory.mktemp(fault.__name__) / "checkout"
        site = finished.copy(folder, FAULTS[fault])
        fault(site, cluster)
        return site

    with ThreadPoolExecutor() as pool:
        results = {f: pool.submit(disturb, f) for f in FAULTS if f not in ALONE}
        for fault in ALONE:
            wait(results.values())
            results[fault] = pool.submit(disturb, fault)
    return results


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_disturbed_run_ends_in_the_same_files(disturbed, finished, fault):
    site = disturbed[fault].result()
    expected, files = content(finished.folder), content(site.folder)
    assert files.keys() == expected.keys()
    assert [name for name in expected if files[name] != expected[name]] == []
