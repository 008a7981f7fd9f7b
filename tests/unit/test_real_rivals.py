"""The run of the rivals on real input: its inputs, its configuration, its numbers."""

import pandas as pd
import pytest
from configurations import raw
from real_files import LANGUAGES, upstream

from icr.config import load_config
from icr.preferences.rows import check_folder
from icr.storage.project import ROOT
from icr.workflow.inputs import check_inputs
from icr.workflow.study import Study


@pytest.fixture
def benchmarks(monkeypatch, tmp_path):
    """An empty working directory in which the modules of benchmarks/ can be imported."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_inputs_are_what_the_configuration_reads(benchmarks):
    from real_rivals_inputs import write

    write(*upstream(benchmarks), benchmarks / "data/real-rivals")
    check_inputs(Study(load_config(raw("real-rivals"))))
    check_folder("data/real-rivals/triples", LANGUAGES)
    prompts = pd.read_json("data/real-rivals/prompts/es.jsonl", lines=True)
    assert prompts["instruction_id"].tolist() == [0, *range(2, 17)], "short ones alone"


def test_rejected_responses_are_certainly_wrong(benchmarks):
    from real_rivals_inputs import write

    write(*upstream(benchmarks), benchmarks / "out")
    train = pd.read_json("out/train/en.jsonl", lines=True)
    triples = pd.read_json("out/triples/de.jsonl", lines=True).set_index("id")
    assert not set(train["prompt"].str.split().str[-1]) & set(triples["prompt"].str.split().str[-1])
    for name, wrong in {
        "48-other-question": "de answer 49",
        "67-other-question": "de answer 48",
        "48-other-language": "en answer 48",
    }.items():
        row = triples.loc[name]
        assert row["chosen"].startswith(row["prompt"].replace("question", "answer"))
        assert row["rejected"].startswith(wrong)
    lengths = triples[["chosen", "rejected"]].map(len).to_numpy()
    assert lengths.max() <= 160 and lengths.min() > 160 - len(" word")
    english = pd.read_json("out/triples/en.jsonl", lines=True).set_index("id")
    assert english.loc["48-other-language", "rejected"].startswith("es answer 48")


def test_agreement_of_rewards(benchmarks):
    """Two prompts of three responses: the rewards rank alike for one, the other way for the next;
    equal rewards rank nothing."""
    import real_rivals

    ids, index = ["a"] * 3 + ["b"] * 3 + ["c"] * 3, [0, 1, 2] * 3
    responses = {
        "main": [1.0, 2, 3, 1, 2, 3, 5, 5, 5],
        "croco": [1.0, 2, 3, 3, 2, 1, 1, 2, 3],
    }
    for row, values in responses.items():
        path = real_rivals.RUN / f"pairs/{row}-1/es.responses.parquet"
        path.parent.mkdir(parents=True)
        table = {"id": ids, "index": index, "reward": values, "adjusted": values, "length": index}
        pd.DataFrame(table).to_parquet(path)
    table = real_rivals.agreement_table().set_index("rewards")
    assert table.loc["ICR, R_c; CroCo, in-language", "rank correlation"] == "+0.00 ± 1.00"
    assert table.loc["ICR, R_c; CroCo, in-language", "same best"] == "1 of 3"
    assert table.loc["ICR, R_c; ICR, with α", "rank correlation"] == "+1.00 ± 0.00"
