"""Faults of clusters: each disturbed run ends in the same files as the undisturbed one.

Most run in parallel, since they mostly wait.
"""

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from cluster import processes
from short_run import content

from icr.storage.files import read_jsonl

pytestmark = pytest.mark.timeout(3600)  # the first test waits for all faults
RUN = "results/mini"
SAMPLE = f"{RUN}/samples/start/miniature/es/0000.parquet"
PAIRS = [f"{RUN}/pairs/main-1/{language}.parquet" for language in ("en", "es")]
POLICY = f"{RUN}/policies/main-1"
FAILURES = f"{RUN}/logs/failures.jsonl"


def cancelled(site, cluster):
    """A running sampling job is cancelled by hand."""
    run = site.start(SAMPLE)
    job = cluster.wait_for("sample", site.folder, run)
    cluster.ask("scancel", job)
    assert site.ended(run), site.output()
    assert cluster.field(job, "JobState") == "CANCELLED"
    assert f"SLURM job {job}: CANCELLED" in site.output()


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
    assert f"SLURM job {job}: TIMEOUT (it requested 1 minutes)" in site.output()
    (failure,) = read_jsonl(site.folder / FAILURES)
    assert (failure["slurm_job"], failure["reason"], failure["retried"]) == (job, "TIMEOUT", True)


def submitter_killed(site, cluster):
    """The submitting Snakemake is killed; its jobs survive, and the next start cancels them.

    Until then, no second start is possible, not even of local jobs.
    """
    run = site.start(SAMPLE)
    cluster.wait_for("sample", site.folder, run)
    scripts = lambda: processes(site.folder, ".sample.py")  # noqa: E731
    cluster.wait_until(scripts, "the script that samples")
    for process in scripts():
        os.kill(process, signal.SIGSTOP)  # it shall not end before the next start
    second = site.snakemake("--configfile", "mini.yaml", "--", SAMPLE, check=False)
    assert second.returncode and f"already in progress, by process {run.pid} on" in second.stdout
    run.kill()
    run.wait()
    assert cluster.jobs(site.folder), "no job survived Snakemake"
    site.run(SAMPLE)
    assert "cancelling the jobs of a killed process" in site.output(everything=True)


def requeued(site, cluster):
    """SLURM requeues a running job, as after a preemption, and holds it until it is released."""
    run = site.start(PAIRS[1])
    job = cluster.wait_for("build_pairs", site.folder, run)
    cluster.ask("scontrol", "requeuehold", job)
    site.wait_for_output(run, f"SLURM job {job} waits because of ")
    cluster.ask("scontrol", "release", job)
    assert site.ended(run), site.output()
    assert cluster.field(job, "Restarts") == "1"


def preempted(site, cluster):
    """SLURM cancels a running job to make room for another user's, and does not requeue it."""
    run = site.start(SAMPLE)
    job = cluster.wait_for("sample", site.folder, run)
    cluster.ask("sbatch", "--partition=urgent", "--mem=128000", "--output=/dev/null", "--wrap=true")
    assert site.ended(run), site.output()
    assert cluster.field(job, "JobState") == "PREEMPTED"
    assert f"SLURM job {job}: PREEMPTED" in site.output()


def node_failed(site, cluster):
    """The node of a running job goes down and returns; SLURM restarts the job.

    Other nodes have left unfinished files of the result, before the start and since.
    """
    before, since = (
        site.folder / f"{Path(SAMPLE).parent}/.0000.parquet.partial-n{n}-1" for n in "12"
    )
    before.write_text("half")
    run = site.start(SAMPLE)
    job = cluster.wait_for("sample", site.folder, run)
    since.write_text("half")
    assert not before.exists()
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


def forgotten(site, cluster):
    """The controller loses its state: one job has finished by then, and one is still running.

    From then on it forgets ended jobs at once, so the plugin relies on a sacct that always fails.
    """
    run = site.start(SAMPLE, PAIRS[0])
    for rule in ("sample", "build_pairs"):
        cluster.wait_for(rule, site.folder, run)
    run.send_signal(signal.SIGSTOP)
    cluster.wait_until(lambda: processes(site.folder, ".pairs.py"), "the pairs' script")
    for process in processes(site.folder, ".pairs.py"):
        os.kill(process, signal.SIGSTOP)
    cluster.wait_until(lambda: (site.folder / SAMPLE).exists(), "the samples", 300)
    cluster.wait_until(lambda: len(cluster.jobs(site.folder)) == 1, "the job's end")
    cluster.forget(age=2)
    run.send_signal(signal.SIGCONT)
    assert site.ended(run), site.output()
    cluster.restart()
    output = site.output(everything=True)
    assert "its results exist, so it counts as finished" in output
    assert ": FORGOTTEN (SLURM no longer lists it, and its results do not exist)" in output


def disk_full(site, cluster):
    """The disk with the samples is full; after room was made, the same command goes on."""
    folder = site.folder / Path(SAMPLE).parent
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", folder]).returncode:
        pytest.skip("no permission to mount a small disk")
    try:
        site.run(SAMPLE, "--retries", "0", check=False)
        assert "No space left on device" in site.output()
        subprocess.run(["mount", "-o", "remount,size=50m", folder], check=True)
        site.run(SAMPLE)
        files = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    finally:
        subprocess.run(["umount", folder], check=True)
    for path, written in files.items():
        path.write_bytes(written)


FAULTS = {
    cancelled: [SAMPLE],
    out_of_time: [POLICY],
    submitter_killed: [SAMPLE],
    requeued: PAIRS[1:],
    preempted: [SAMPLE],
    node_failed: [SAMPLE],
    controller_gone: PAIRS,
    disk_full: [SAMPLE],
    forgotten: [SAMPLE, PAIRS[0]],
}
"""Results that are missing at each fault: those whose jobs it disturbs."""
ALONE = (preempted, node_failed, controller_gone, forgotten)
"""Faults that disturb every job of the cluster."""


@pytest.fixture(scope="module")
def disturbed(finished, cluster, tmp_path_factory, request):
    """A future of each selected fault's checkout after the run, by fault."""
    parameters = [getattr(item, "callspec", None) for item in request.session.items]
    selected = [call.params["fault"] for call in parameters if call and "fault" in call.params]

    def disturb(fault):
        folder = tmp_path_factory.mktemp(fault.__name__) / "checkout"
        site = finished.copy(folder, FAULTS[fault])
        fault(site, cluster)
        return site

    with ThreadPoolExecutor() as pool:
        results = {f: pool.submit(disturb, f) for f in selected if f not in ALONE}
        for fault in (f for f in ALONE if f in selected):
            wait(results.values())
            results[fault] = pool.submit(disturb, fault)
    return results


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_disturbed_run_ends_in_the_same_files(disturbed, finished, fault):
    site = disturbed[fault].result()
    expected, files = content(finished.folder), content(site.folder)
    assert files.keys() == expected.keys()
    assert [name for name in expected if files[name] != expected[name]] == []
