"""One verdict per question from a judge that fails in every way, in a job killed ten times."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from endpoint import endpoint

from icr.storage.answers import Store

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS, AT_A_TIME = 60, 6

JOB = """
import sys
from pathlib import Path
from icr.storage.files import write_json
from icr.judging import JudgeSettings, http, open_judge
from icr.evaluation.xalpacaeval.judging import annotate, in_alpaca_format, questions_of

url, folder, number, at_a_time = sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:])
http.FIRST_PAUSE = 0.01
rows = [{"instruction": f"Question {i % (number - 2)}?"} for i in range(number)]
questions = questions_of(rows)
def answers(text):
    return [{**row, "output": f"{text} {i}"} for i, row in enumerate(rows)]
outputs = in_alpaca_format(questions, answers("ours"), "ours")
judge = JudgeSettings(
    name="judge", model="m", api=url, concurrency=at_a_time, timeout=0.4, tries=50,
    price={"input": 10.0, "output": 30.0},
)
with open_judge(judge, folder / "verdicts.jsonl") as asked:
    annotations, summary = annotate(asked, questions, answers("theirs"), outputs, 0)
write_json(annotations, folder / "annotations.json")
write_json(summary, folder / "judging.json")
"""


def start(url, folder):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "OMP_NUM_THREADS": "1"}
    arguments = [url, str(folder), str(QUESTIONS), str(AT_A_TIME)]
    return subprocess.Popen(
        [sys.executable, "-c", JOB, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors[-3000:]


def stored(folder):
    """Questions that have a verdict on disk; an incomplete line holds none."""
    path = folder / "verdicts.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line)["asked"]["messages"] for line in lines if line.startswith(b"{")]


def test_every_question_gets_one_verdict_despite_faults_and_kills(tmp_path):
    from endpoint import name_of

    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    for folder in (killed, undisturbed):
        folder.mkdir()
    with endpoint() as good:
        finish(start(good.url, undisturbed))
        assert len(good.answered) == QUESTIONS, "all questions differ: the outputs do"

    dice = random.Random(5)
    with endpoint(faults=0.6, seed=5, hang=1.0) as bad:
        for kill in range(1, 11):
            kept, before = {name_of(m) for m in stored(killed)}, len(bad.asked)
            process = start(bad.url, killed)
            # Each kill is at a random moment at which some questions are answered and some not.
            while len(bad.answered) < kill * QUESTIONS // 14 and process.poll() is None:
                time.sleep(0.002)
            time.sleep(dice.uniform(0, 0.1))
            assert process.poll() is None, process.communicate()[1][-3000:]
            process.send_signal(signal.SIGKILL)
            process.communicate()
            assert not kept & set(bad.asked[before:]), "a stored verdict was requested again"
        assert 0 < len(stored(killed)) < QUESTIONS
        with (killed / "verdicts.jsonl").open("ab") as file:
            file.write(b'{"key": "torn by a power cut')
        finish(start(bad.url, killed))
        asked, answered = len(bad.asked), Counter(bad.answered)

        finish(start(bad.url, killed))
        assert len(bad.asked) == asked, "a finished job sent requests"

    rows = [line for line in (killed / "verdicts.jsonl").read_text().split("\n") if line]
    rows = [json.loads(row) for row in rows if row.endswith("}")]
    assert len(rows) == len({row["key"] for row in rows}) == QUESTIONS
    assert len(answered) == QUESTIONS
    # Only requests in flight at a kill can have been paid for twice.
    assert sum(answered.values()) - QUESTIONS <= 10 * AT_A_TIME
    assert asked > sum(answered.values()) + QUESTIONS // 2, "the judge rarely failed"
    for name in ("annotations.json", "judging.json"):
        assert (killed / name).read_bytes() == (undisturbed / name).read_bytes()
    with Store(killed / "verdicts.jsonl") as store:
        assert len(store) == QUESTIONS
