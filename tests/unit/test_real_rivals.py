"""The run of the rivals on real input: its inputs, its configuration, its numbers."""

import json

import pandas as pd
import pytest
from configurations import raw

from icr.config import load_config
from icr.preferences.rows import check_folder
from icr.storage.project import ROOT
from icr.workflow.inputs import check_inputs
from icr.workflow.study import Study

LANGUAGES = ("en", "es", "de")


@pytest.fixture
def benchmarks(monkeypatch, tmp_path):
    """An empty working directory in which the modules of benchmarks/ can be imported."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def upstream(folder):
    """Prompts, questions and reference answers in the form of the upstream files."""
    for name in ("prompts", "questions", "references"):
        (folder / name).mkdir()
    for language in LANGUAGES:
        prompts = [
            {"instruction": f"{language} prompt {n}" + "!" * (400 * (n == 1)), "instruction_id": n}
            for n in range(20)
        ]
        text = "".join(json.dumps(row) + "\n" for row in prompts)
        (folder / f"prompts/{language}.jsonl").write_text(text)
        questions = [{"instruction": f"{language} question {n}"} for n in range(100)]
        (folder / f"questions/{language}.json").write_text(json.dumps(questions))
        answers = [{**q, "output": f"{language} answer {n} " + "word " * 90}
                   for n, q in enumerate(questions)]  # fmt: skip
        (folder / f"references/{language}.json").write_text(json.dumps(answers[::-1]))
    return [folder / name for name in ("prompts", "questions", "references")]


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
        "64-other-question": "de answer 65",
        "93-other-question": "de answer 64",
        "64-other-language": "en answer 64",
    }.items():
        row = triples.loc[name]
        assert row["chosen"].startswith(row["prompt"].replace("question", "answer"))
        assert row["rejected"].startswith(wrong)
    lengths = triples[["chosen", "rejected"]].map(len).to_numpy()
    assert lengths.max() <= 240 and lengths.min() > 240 - len(" word")
    english = pd.read_json("out/triples/en.jsonl", lines=True).set_index("id")
    assert english.loc["64-other-language", "rejected"].startswith("es answer 64")


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
