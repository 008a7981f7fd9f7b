"""The remark on triples that a reward model was trained on, from the files to the table."""

import runpy
from types import SimpleNamespace

import pandas as pd
import pytest


@pytest.fixture
def run(monkeypatch):
    """Run a script of a rule, with these attributes of ``snakemake``."""
    monkeypatch.setattr("icr.storage.logs.log_to", lambda path: None)

    def run(script, **job):
        job = SimpleNamespace(log=["log"], **job)
        runpy.run_path(f"scripts/{script}.py", init_globals={"snakemake": job})

    return run


def pairs(path, prompts):
    """A file of preference pairs with these prompts."""
    rows = [
        {
            "id": str(number),
            "messages": [{"role": "user", "content": prompt}],
            "chosen": "yes",
            "rejected": "no",
            "subset": None,
        }
        for number, prompt in enumerate(prompts)
    ]
    pd.DataFrame(rows).to_parquet(path)
    return path


@pytest.mark.parametrize(("trained_on", "seen"), [(["b", "x", "a "], 2), (["x", "y"], 0)])
def test_the_table_names_triples_that_a_reward_model_was_trained_on(
    tmp_path, capsys, run, trained_on, seen
):
    scores, metrics = tmp_path / "scores.parquet", tmp_path / "metrics.json"
    table = pd.DataFrame({"id": ["0", "1", "2"], "chosen": [1.0, 2.0, 3.0], "rejected": 1.5})
    table.to_parquet(scores)
    run(
        "rewardbench_metrics",
        input=SimpleNamespace(
            scores=[scores],
            triples=pairs(tmp_path / "triples.parquet", "abc"),
            trained_on=[pairs(tmp_path / "pairs.parquet", trained_on)],
            weights=[],
        ),
        output=SimpleNamespace(metrics=metrics, triples=tmp_path / "rewards.parquet"),
        params=SimpleNamespace(beta=0.1),
    )
    warning = "WARNING: 2 triples have the conversation of a training pair"
    assert (warning in capsys.readouterr().out) == bool(seen)
    shown = tmp_path / "table.md"
    run(
        "rewardbench_table",
        input=SimpleNamespace(metrics=[metrics]),
        output=[tmp_path / "table.csv", shown],
        params=SimpleNamespace(measured=[["natural", "rm-en", "es"]]),
    )
    remark = (
        "- rm-en, es: 2 of 3 triples have the conversation of a pair that the model was trained on."
    )
    assert (remark in shown.read_text().splitlines()) == bool(seen)
