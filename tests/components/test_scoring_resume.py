"""The scoring script, killed at several moments and started again."""

import json
import os
import runpy
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from scored import TEXTS, samples_of
from tiny import tiny_folder, tiny_tokenizer

from icr.scoring.engine import Scorer
from icr.storage import files

SCRIPT = Path(__file__).parents[2] / "scripts" / "logprobs.py"


def job(root, decision=None, **params):
    settings = {"view": "crosslingual", "languages": ["de"], "block": None, "first": 0, "rows": 3}
    settings |= {"precision": "float32", "chunk": 1, "authors": None, "checks": 1, "code": "0"}
    settings |= params
    return SimpleNamespace(
        input=SimpleNamespace(
            policy=f"{root}/policy",
            scorer=f"{root}/scorer",
            samples=[f"{root}/samples.parquet"],
            prompts=[f"{root}/en.jsonl"],
            arithmetic=[f"{root}/{decision}.json"] if decision else [],
        ),
        output=[f"{root}/out/scores.parquet"],
        log=[f"{root}/out/log.txt"],
        wildcards=SimpleNamespace(policy="p", scorer="r"),
        resources=SimpleNamespace(gpu=0, token_budget=200),
        params=SimpleNamespace(**settings),
    )


def child(root, params, writes, counted):
    """Run the script; die in the write after ``writes`` whole ones, half-way through."""
    rename, score = Path.replace, Scorer.score
    left = [writes]

    def dying(partial, path):
        if left[0] == 0:
            partial.write_bytes(b"PAR1 half")
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return rename(partial, path)

    def counting(self, prompts, rows):
        with Path(counted).open("a") as file:
            file.write("score\n")
        return score(self, prompts, rows)

    Path.replace, Scorer.score = dying, counting
    runpy.run_path(str(SCRIPT), init_globals={"snakemake": job(root, **params)})


@pytest.fixture
def run(forking):
    """A function that runs the script in a process.

    It returns the exit code, and how many times the engine was called.
    """

    def run(root, writes=-1, **params):
        counted = root / "counted"
        counted.write_text("")
        process = forking.Process(target=child, args=(str(root), params, writes, str(counted)))
        process.start()
        process.join()
        return process.exitcode, len(counted.read_text().splitlines())

    return run


@pytest.fixture
def root(tmp_path):
    tiny_folder(tmp_path / "policy", seed=1)
    tiny_folder(tmp_path / "scorer")
    samples_of().assign(language="de").to_parquet(tmp_path / "samples.parquet")
    rows = [{"instruction_id": i, "instruction": t} for i, t in zip("abc", TEXTS, strict=True)]
    files.write_jsonl(rows, tmp_path / "en.jsonl")
    for arithmetic in ("float16-products", "two-part-bfloat16"):
        decision = json.dumps({"languages": {"de": {"arithmetic": arithmetic}}})
        (tmp_path / f"{arithmetic}.json").write_text(decision)
    return tmp_path


KILLED = -signal.SIGKILL
CHECKED = 3
"""Responses to the one prompt that is rescored, one at a time."""


def test_a_killed_job_ends_in_the_same_file_and_repeats_no_finished_chunk(root, run):
    out = Path(job(root).output[0])
    assert run(root) == (0, 3 + CHECKED)
    undisturbed = out.read_bytes()
    for writes, before, after in [
        (0, 1, 3 + CHECKED),  # in the first chunk's write: it is lost
        (2, 3, 1 + CHECKED),  # in the last one's
        (3, 3 + CHECKED, CHECKED),  # in the output's
    ]:
        out.unlink()
        assert run(root, writes) == (KILLED, before)
        assert not out.exists()
        assert run(root) == (0, after)
        assert out.read_bytes() == undisturbed
        assert not list(out.parent.glob(".*.work"))


@pytest.mark.parametrize("change", [{"code": "1"}, {"view": "multilingual"}, {"chunk": 2}])
def test_chunks_kept_under_other_settings_are_not_used(root, run, change):
    assert run(root, writes=2) == (KILLED, 3)
    chunks = 2 if "chunk" in change else 3
    assert run(root, **change) == (0, chunks + CHECKED)


def test_a_block_is_in_one_arithmetic_though_the_decision_changed_half_way(root, run):
    assert run(root, writes=2, decision="float16-products") == (KILLED, 3)
    assert run(root, decision="two-part-bfloat16") == (0, 3 + CHECKED)
    resumed = files.read_table(job(root).output[0])
    assert set(resumed["arithmetic"]) == {"two-part-bfloat16"}
    Path(job(root).output[0]).unlink()
    assert run(root, decision="two-part-bfloat16") == (0, 3 + CHECKED)
    assert files.read_table(job(root).output[0]).equals(resumed)
    assert run(root) == (0, 3 + CHECKED)
    exact = files.read_table(job(root).output[0])
    assert "arithmetic" not in exact
    assert 0 < abs(exact["logprob"] - resumed["logprob"]).max() < 0.1


def test_another_vocabulary_is_refused_before_anything_is_scored(root, run):
    other = tiny_tokenizer()
    other.add_tokens(["<new>"])
    other.save_pretrained(root / "policy")
    assert run(root) == (1, 0)
    log = Path(job(root).log[0]).read_text()
    assert "policy 'p' and reference 'r' have different vocabularies" in log
