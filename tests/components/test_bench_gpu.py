"""`make bench-gpu` at toy sizes on a CPU: all parts but vLLM's."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def bench(*words, **environment):
    """The finished process."""
    paths = os.pathsep.join([str(ROOT / "scripts"), str(ROOT / "tests")])
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.gpu", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Its text, and its JSON file."""
    out = tmp_path_factory.mktemp("bench") / "figures.json"
    process = bench("--shape", "tiny", "--device", "cpu", "--out", str(out))
    assert process.returncode == 0, process.stderr
    return process.stdout, json.loads(out.read_text())


def rows(figures, part):
    """The rows of a part by name."""
    return {row["name"]: row for row in figures["parts"][part]["rows"]}


def test_every_way_of_scoring_has_a_rate(done):
    measured = rows(done[1], "scoring")
    assert next(iter(measured)) == "batches of 3, bfloat16"
    assert {"bfloat16", "float16-products", "two-part-bfloat16", "tf32", "float32"} < {*measured}
    for row in measured.values():
        assert row["tokens_per_second"] > 0 and row["share_of_matmul"] > 0
        assert row["over_authors"] > 0 and row["gpu_gb"] is None


def test_training_is_measured_padded_and_packed_and_written_to_disk(done):
    measured = rows(done[1], "training")
    for name in ("padded, TRL's head", "variable length"):
        assert measured[name]["tokens_per_second"] > 0
        assert measured[f"reference, {name}"]["tokens_per_second"] > 0
    assert measured["policy"]["written_gb"] > 0
    # Bfloat16 weights, and a quarter of the optimizer's 12 bytes a weight, or a layer more.
    ratio = measured["checkpoint, 1/4"]["written_gb"] / measured["policy"]["written_gb"]
    assert 1.5 <= ratio < 3.5


def test_noise_is_measured_in_every_arithmetic(done):
    measured = rows(done[1], "noise")
    assert len(measured) == 6
    ratio = {name: row["ratio"] for name, row in measured.items()}
    assert ratio["two-part-bfloat16"] < ratio["float16-products"] < ratio["bfloat16-products"]
    assert ratio["bfloat16-products"] < ratio["bfloat16"]
    assert measured["two-part-bfloat16"]["best_kept"] == 1


@pytest.mark.skipif(find_spec("vllm") is not None, reason="vLLM is here")
def test_what_is_missing_is_said(done):
    text, figures = done
    reason = "vLLM is missing here; `make env-gpu` installs it"
    assert figures["parts"]["sampling"]["rows"] == [{"name": "vLLM", "not_measured": reason}]
    assert f"not measured: {reason}" in text


def test_no_goal_is_met_at_toy_sizes(done):
    text, figures = done
    assert len(figures["goals"]) == 5
    assert {goal["verdict"] for goal in figures["goals"]} == {"not measured: toy sizes"}
    assert text.count("not measured: toy sizes") == 5


def test_it_refuses_without_a_gpu():
    process = bench(CUDA_VISIBLE_DEVICES="")
    assert process.returncode == 1 and process.stdout == ""
    assert process.stderr.strip() == (
        "Error: bench-gpu needs a GPU that torch can use, and has none; "
        "`--shape tiny --device cpu` tries the command on a CPU"
    )
