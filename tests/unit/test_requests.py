"""Requests are tested by SLURM before the first job, each once."""

import shlex
from types import SimpleNamespace

import pytest
from commands import replace_commands

from icr.cluster.requests import _minutes, account_option, check_requests
from icr.errors import InputError

SBATCH = """#!/bin/sh
echo "$@" >> calls
case "$*" in
  *gpux*) echo "sbatch: error: invalid partition specified: gpux" >&2; exit 1;;
  *--mem=1*) echo "sbatch: error: Unable to contact slurm controller" >&2; exit 1;;
  *"-t 999"*) echo "allocation failure: Requested time limit is invalid" >&2; exit 1;;
esac
"""
SINFO = """#!/bin/sh
echo "cpu*|1:00:00"
echo "gpu|1-00:00:00"
echo "long|infinite"
"""


@pytest.fixture
def sbatch(tmp_path, monkeypatch):
    """A folder with an sbatch that writes its arguments to `calls`."""
    return replace_commands(tmp_path, monkeypatch, sbatch=SBATCH, sinfo=SINFO)


def job(rule, **resources):
    return SimpleNamespace(rule=SimpleNamespace(name=rule), resources=resources)


def command(job):
    return f"sbatch -p {job.resources['slurm_partition']} -t {job.resources.get('runtime', 5)}"


def name(job):
    return f"sbatch {shlex.quote(str(job.resources))}"


def test_each_distinct_request_is_tested_once_and_submits_nothing(sbatch):
    jobs = [job("sample", slurm_partition=name) for name in ("gpu", "gpu", "cpu", "gpu")]
    check_requests(jobs, command)
    calls = (sbatch / "calls").read_text().splitlines()
    assert len(calls) == 2 and all("--test-only --wrap=true" in call for call in calls)


def test_each_refused_request_is_one_line(sbatch):
    jobs = [
        job("sample", slurm_partition="gpux", gpu=1, mem_mb=30000),
        job("train", slurm_partition="gpux", gpu=1, mem_mb=30000),
        job("build_pairs", slurm_partition="cpu", runtime=999),
        job("pairs", slurm_partition="cpu"),
    ]
    with pytest.raises(InputError) as error:
        check_requests(jobs, command)
    head, *lines = str(error.value).splitlines()
    assert "Nothing was submitted" in head and "compute" in head
    assert lines == [
        "  sample (1 job), train (1 job): partition gpux, 1 GPUs, 30000 MB: "
        "invalid partition specified: gpux",
        "  build_pairs (1 job): partition cpu, 999 minutes: "
        "allocation failure: Requested time limit is invalid",
    ]


def test_a_controller_that_does_not_answer_refuses_nothing(sbatch):
    check_requests([job("sample", slurm_partition="--mem=1")], command)


def test_more_time_than_the_partition_allows_is_refused_which_sbatch_accepts(sbatch):
    def asked(minutes, partition=None):
        return job("sample", slurm_partition=partition, runtime=minutes)

    check_requests([asked(60), asked(1440, "gpu"), asked(9000, "long"), asked(90, "cpu,gpu")], name)
    for bad, limit in ((asked(61), 60), (asked(61, "cpu"), 60), (asked(1441, "gpu"), 1440)):
        with pytest.raises(InputError, match=f"time limit is {limit} minutes"):
            check_requests([bad], name)


def test_time_limits_of_slurm_in_minutes():
    limits = ["1-00:00:00", "2:30:00", "10:30", "0:30", "infinite", "n/a"]
    assert [*map(_minutes, limits)] == [1440, 150, 10.5, 0.5, float("inf"), float("inf")]


def test_without_an_account_slurm_takes_the_default():
    """No sacct and no sacctmgr is asked: there is none on the path of this test."""
    assert list(account_option(job("sample"))) == [""]
    assert list(account_option(job("sample", slurm_account="my lab"))) == [" -A 'my lab'"]
    assert list(account_option(job("sample", slurm_account=1234))) == [" -A 1234"]
