"""The run lock: one start at a time, and no job of a killed start stays in the queue."""

import subprocess
import sys
from pathlib import Path

import pytest

from icr.cluster.run_lock import begin
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
    for name, text in {"squeue": SQUEUE, "scancel": SCANCEL}.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def start_elsewhere(name, keep=False):
    """A start in another process, killed at once unless ``keep`` is set."""
    code = f"import sys; sys.path.insert(0, {str(SCRIPTS)!r}); "
    code += f"from icr.cluster.run_lock import begin; begin('starts/paper', {name!r}); "
    code += "print('begun', flush=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, stderr=-1)
    assert process.stdout.readline() == b"begun\n"
    if not keep:
        process.kill()
        process.wait()
    return process


def test_only_jobs_of_a_killed_start_are_cancelled(queue):
    start_elsewhere("first")
    (queue / "queue-first").write_text("11\n12\n")
    (queue / "queue-someone").write_text("99\n")
    assert begin("starts/paper", "second") == ["11", "12"]
    assert (queue / "cancelled").read_text() == "11 12\n"
    assert (queue / "starts/paper").read_text() == '{"name": "second"}\n'


def test_a_second_start_is_refused_while_the_first_lives(queue):
    first = start_elsewhere("first", keep=True)
    (queue / "queue-first").write_text("11\n")
    with pytest.raises(InputError, match="already in progress"):
        begin("starts/paper", "second")
    begin("starts/small", "other")
    assert not (queue / "cancelled").exists()
    first.kill()
    first.wait()


def test_an_unreachable_controller_is_not_an_empty_queue(queue):
    start_elsewhere("first")
    (queue / "down").touch()
    with pytest.raises(InputError, match="unreachable"):
        begin("starts/paper", "second")
    assert "first" in (queue / "starts/paper").read_text()
