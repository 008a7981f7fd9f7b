"""The run lock: one start at a time, and no job of a killed start stays in the queue."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import replace_commands

from icr.cluster.run_lock import begin, hold_shared
from icr.errors import InputError

SCRIPTS = Path(__file__).parents[2] / "scripts"
SQUEUE = """#!/bin/sh
[ -e down ] && { echo unreachable >&2; exit 1; }
for word; do case $word in --name=*) cat "queue-${word#--name=}" 2> /dev/null;; esac; done
exit 0
"""
SCANCEL = """#!/bin/sh
echo "$@" >> cancelled
rm -f queue-*
"""


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """A folder in which the file `queue-NAME` holds the ids of a start's jobs."""
    return replace_commands(tmp_path, monkeypatch, squeue=SQUEUE, scancel=SCANCEL)


def start_elsewhere(call, keep=False):
    """A start in another process, killed at once unless ``keep`` is set."""
    code = f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); "
    code += f"from icr.cluster.run_lock import begin, hold_shared; {call}; "
    code += "print('begun', flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, stderr=-1)
    assert process.stdout.readline() == b"begun\n"
    if not keep:
        process.kill()
        process.wait()
    return process


def recorded(folder):
    rows = (folder / "starts/paper").read_text().splitlines()
    return [json.loads(row)["name"] for row in rows]


def test_only_jobs_of_a_killed_start_are_cancelled(queue):
    start_elsewhere("begin('starts/paper', 'first')")
    (queue / "queue-first").write_text("11\n12\n")
    (queue / "queue-someone").write_text("99\n")
    assert begin("starts/paper", "second") == ["11", "12"]
    assert (queue / "cancelled").read_text() == "11 12\n"
    assert recorded(queue) == ["second"]


@pytest.mark.parametrize("name", ["'first'", "None"], ids=["slurm", "local"])
@pytest.mark.parametrize("second", ["second", None], ids=["slurm", "local"])
def test_a_second_start_is_refused_while_the_first_lives(queue, name, second):
    first = start_elsewhere(f"begin('starts/paper', {name})", keep=True)
    (queue / "queue-first").write_text("11\n")
    holder = rf"already in progress, by process {first.pid} on {os.uname().nodename}, since 20"
    with pytest.raises(InputError, match=holder):
        begin("starts/paper", second)
    begin("starts/small", "other")
    assert not (queue / "cancelled").exists()
    first.kill()
    first.wait()
    begin("starts/paper", second)


def test_a_local_start_cancels_the_jobs_of_a_killed_start_on_slurm(queue):
    start_elsewhere("begin('starts/paper', 'first')")
    (queue / "queue-first").write_text("11\n")
    assert begin("starts/paper") == ["11"] and recorded(queue) == [None]


def test_jobs_that_cannot_be_listed_stop_a_start(queue, monkeypatch):
    start_elsewhere("begin('starts/paper', 'first')")
    (queue / "squeue").unlink()
    monkeypatch.setenv("PATH", str(queue))
    with pytest.raises(InputError, match="no squeue on this machine"):
        begin("starts/paper")


def test_an_unreachable_controller_is_not_an_empty_queue(queue):
    start_elsewhere("begin('starts/paper', 'first')")
    (queue / "down").touch()
    with pytest.raises(InputError, match="unreachable"):
        begin("starts/paper", "second")
    assert "first" in recorded(queue)


def test_two_runs_do_not_make_the_same_shared_files(queue):
    first = start_elsewhere("hold_shared(['resources/models/tiny', 'results/a/b'])", keep=True)
    hold_shared(["resources/prompts/tiny/en.jsonl", "resources/models/other", "results/a/b"])
    with pytest.raises(InputError, match=r"making resources/models/tiny, by process"):
        hold_shared(["resources/models/tiny"])
    first.kill()
    first.wait()
    hold_shared(["resources/models/tiny"])
