"""``snakemake calibrate`` on a CPU: what it writes, and what the plan makes of it."""

import json

import pytest
import yaml
from checkout import Checkout

WORK = ("sampling", "scoring", "training")


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A checkout that was measured with little to do, and its measurements."""
    checkout = Checkout(tmp_path_factory.mktemp("calibrate"))
    config = yaml.safe_load((checkout.folder / "config/demo.yaml").read_text())
    config["sampling"] |= {"n": 2, "max_tokens": 10}
    main = config["experiments"]["main"]["training"]
    main |= {"global_batch": 2, "micro_batch": 1}
    (checkout.folder / "mine.yaml").write_text(yaml.safe_dump({**config, "run": "mine"}))
    checkout.snakemake("--configfile", "mine.yaml", "--", "calibrate")
    folder = checkout.folder / "resources/calibration/mine"
    return checkout, {work: json.loads((folder / f"{work}.json").read_text()) for work in WORK}


def test_each_kind_of_work_is_measured(measured):
    checkout, rows = measured
    for work, row in rows.items():
        assert row["work"] == work and row["model"] == "miniature-sft"
        assert row["random_weights"], "nothing was made or downloaded for it"
        assert row["tokens_per_second"] > 0 and row["start_seconds"] > 0
        assert 0.1 < row["host_gb"] < 20 and row["gpu"] is row["gpu_gb"] is None
    assert rows["sampling"]["settings"] == {"backend": "transformers", "precision": "float32"}
    assert rows["sampling"]["lone_seconds"] > 0
    left = list((checkout.folder / "resources/calibration/mine").iterdir())
    assert len(left) == 3, "scratch folders are removed"
    assert not (checkout.folder / "results").exists() or not list(
        (checkout.folder / "results").rglob("*.parquet")
    )


def test_the_plan_uses_what_was_measured(measured):
    checkout, rows = measured
    printed = checkout.snakemake("plan", "--configfile", "mine.yaml").stdout
    for work in WORK:
        assert f"- {work}: measured, {rows[work]['tokens_per_second']:,.0f} tokens/s" in printed
    assert "Estimates take for a CPU thread" in printed
    head = next(line for line in printed.splitlines() if line.startswith("rule "))
    assert head.split()[3:7] == ["GPUs", "CPUs", "memory,", "GB"]


def test_measuring_again_is_nothing_new(measured):
    checkout, _ = measured
    again = checkout.snakemake("-n", "--configfile", "mine.yaml", "--", "calibrate").stdout
    assert "Nothing to be done" in again
