"""The comparison of systems in one setting: its rows, costs, cells and remarks."""

import csv
import json

import pandas as pd
import pytest
from configurations import raw, shipped

from icr.config import load_config
from icr.figures.rivals import comparison
from icr.report.comparison import lines
from icr.storage.files import read_csv
from icr.systems import SYSTEMS, System
from icr.tables.cells import NOT_RUN
from icr.tables.rivals import NOT_STATED, build_rivals
from icr.tables.spec import restored_table
from icr.workflow.study import Study

LANGUAGES = ["en", "es", "ru", "de", "fr"]


def study(**rows):
    """demo-all with further or changed experiments."""
    config = raw("demo-all")
    config["experiments"] |= rows
    return Study(load_config(config))


OTHERS = {
    "config": {("croco-in-icr-setting-1", "croco")},
    "demo-all": {
        ("croco-pairs-1", "croco"),
        ("croco-pooled-1", "croco"),
        ("english-reward-model-1", "english-rm"),
        ("english-reward-model-240-1", "english-rm"),
        ("untrained-reward-model-1", "english-rm"),
    },
}
"""Rows of one configuration."""


@pytest.mark.parametrize("name", ["config", "demo-all"])
def test_rows_are_the_systems_in_mains_setting(name):
    rivals = shipped(name).rivals
    assert {(rival.policy, rival.system) for rival in rivals.rivals} == {
        ("main-1", "icr"),
        ("lidr-in-icr-setting-1", "lidr"),
        ("lacomsa-1", "lacomsa"),
        ("lacomsa-unweighted-1", "lacomsa"),
        *OTHERS[name],
    }
    assert rivals.compared


def test_a_run_with_one_system_compares_nothing():
    rivals = shipped("demo").rivals
    assert not rivals.compared and rivals.lines() == []
    assert [rival.policy for rival in rivals.rivals] == ["main-1"]


@pytest.mark.parametrize(
    "row",
    [
        {"start": "miniature-kto"},
        {"prompts": {"count": 40}},
        {"languages": ["es", "ru"]},
        {"train": False},
    ],
)
def test_rows_of_another_setting_are_left_out(row):
    toy = {"reward": {"view": "lacomsa", "layer": 1}, "languages": ["es", "ru", "de", "fr"],
           "iterations": 1}  # fmt: skip
    assert "toy-1" in {rival.policy for rival in study(toy=toy).rivals.rivals}
    assert "toy-1" not in {rival.policy for rival in study(toy=toy | row).rivals.rivals}


def test_a_system_of_ones_own_is_a_row():
    @SYSTEMS.register("multilingual")
    class Multilingual(System):
        title, paper, sees = "R_m", "a paper", "nothing else"
        settings = {"training.beta": 0.2, "start": "miniature-dpo"}  # noqa: RUF012

        @staticmethod
        def makes(row):
            return row.reward.view == "multilingual"

    try:
        rivals = study().rivals
        beside = rivals.beside()["multilingual-reward-1"]
        assert beside["system"] == "R_m (multilingual-reward; a paper)"
        assert beside["differs"] == ["training.beta 0.1 instead of 0.2"]
    finally:
        del SYSTEMS._entries["multilingual"]


def test_lacomsa_adds_states_pairs_and_training_but_no_samples():
    rivals = shipped("config").rivals
    main, lacomsa = rivals.work("main-1"), rivals.work("lacomsa-1")
    added = lacomsa.keys() - main.keys()
    assert {file.split("/")[2] for file in added} == {"hidden-states", "pairs", "training"}
    samples = {file for file in main if "/samples/" in file}
    assert samples == {file for file in lacomsa if "/samples/" in file}
    assert added - rivals.work("lacomsa-unweighted-1").keys() == {
        file for file in added if "hidden-states" not in file
    }
    states = [request for file, request in lacomsa.items() if "hidden-states" in file]
    assert all(request.gpus == 1 and request.expected > 1 for request in states)


def test_the_work_of_a_row_is_that_of_the_rules():
    here = shipped("config")
    work = here.rivals.work("main-1")
    step = here.policies.iterations["main-1"]
    assert {file for file in work if "/logprobs/" in file} == {
        file
        for language in LANGUAGES
        for scorer in (step.start, step.reference)
        for file in here.blocks.logprobs(step, scorer, language)
    }
    lidr = here.rivals.work("lidr-in-icr-setting-1")
    kinds = [file.split("/")[2] for file in lidr]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "greedy": 5, "greedy-translations": 8, "training": 1,
    }  # fmt: skip


def test_the_plan_says_what_each_rival_adds():
    lines = shipped("config").rivals.lines()
    assert len(lines) == 6
    assert lines[1].endswith("of which 0.0 in 0 jobs are not main's")
    assert lines[3].startswith("- croco-in-icr-setting: ") and "GPU-hours" in lines[3]


def test_judgements_are_those_of_the_start_and_of_the_reward_model():
    config = raw("demo-all")
    config["models"]["rm"] = {"source": {"hub": "some/model"}}
    config["experiments"]["toy"] = {
        "reward": {"view": "natural", "model": "rm"}, "length_penalty": {"mode": "none"},
        "iterations": 1,
    }  # fmt: skip
    count = 80 * 3  # prompts and draws of the start's English alignment
    rivals = Study(load_config(config)).rivals
    assert rivals.judgements(["miniature-sft"]) == 0
    assert rivals.judgements(["miniature-dpo", None]) == count
    assert rivals.beside()["toy-1"]["judgements"] is None
    config["models"]["rm"]["judgements"] = 86_000
    beside = Study(load_config(config)).rivals.beside()
    assert beside["toy-1"]["judgements"] == 86_000 + count
    assert beside["toy-1"]["system"].startswith("English RM (toy; NAACL 2025")


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Metric files of all rows of demo-all but LIDR's, and benchmark files of two jobs."""
    monkeypatch.chdir(tmp_path)
    rivals = study().rivals
    for (evaluation, policy, language), path in rivals.metrics().items():
        if policy == "lidr-in-icr-setting-1":
            continue
        number = LANGUAGES.index(language)
        metrics = {
            "xalpacaeval": {"win_rate": 50.0 + number, "win_rate_se": 1.0, "lc_win_rate": 40.0,
                            "lc_win_rate_se": 2.0, "judged": 300, "judge": "oracle"},
            "nlp": {"arc": {"value": 0.5, "stderr": 0.1}, "mmlu": {"value": 0.3, "stderr": 0.1}},
            "reward-accuracy": {"accuracy": 0.9 if language == "en" else 0.6},
        }[evaluation]  # fmt: skip
        write(tmp_path / path, json.dumps(metrics))
    return rivals


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def built(rivals, tmp_path, beside=None):
    outputs = [tmp_path / f"rivals.{kind}" for kind in ("csv", "md", "tex")]
    files = {key: path for key, path in rivals.metrics().items() if (tmp_path / path).exists()}
    build_rivals(
        rivals.table, rivals.plan(), files, beside or rivals.beside(), list(map(str, outputs))
    )
    rows = list(csv.DictReader(outputs[0].open(encoding="utf-8")))
    cells = {(row["row"], row["language"], row["metric"]): row for row in rows}
    return cells, outputs[1].read_text(), outputs[2].read_text()


def test_the_table_holds_win_rates_accuracies_costs_and_remarks(made, tmp_path):
    cells, text, tex = built(made, tmp_path)
    assert float(cells["lacomsa-1", "avg", "WR"]["ours"]) == 52
    russian = cells["lacomsa-1", "ru", "WR"]
    assert float(russian["low"]) < 52 < float(russian["high"])
    # English pairs, which not all rows have, do not count.
    assert float(cells["main-1", "", "reward_accuracy"]["ours"]) == 0.6
    nlp = cells["main-1", "", "nlp"]
    assert float(nlp["ours"]) == pytest.approx(0.4)
    half = 1.959964 * 0.1 / 10**0.5  # ten independent tasks
    assert float(nlp["high"]) - float(nlp["ours"]) == pytest.approx(half, rel=1e-4)
    assert float(cells["main-1", "", "judgements"]["ours"]) == 240
    assert cells["lidr-in-icr-setting-1", "en", "WR"]["note"] == NOT_RUN
    assert text.startswith("# Ways of making preferences")
    assert "LaCoMSA (lacomsa; EACL 2026, long paper 224) sees the policy's English answers" in text
    assert "reward.layer 2 instead of 15" in text and "English judgements" in text
    assert tex.count(r"\begin{tabular}") == 1 and r"\label{tab:icr-rivals}" in tex
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in lines}) == 1


def test_the_comparison_in_a_few_lines(made, tmp_path):
    built(made, tmp_path)
    head, start, main, *others = lines(read_csv(tmp_path / "rivals.csv"))
    lidr = next(row for row in others if row.startswith("lidr"))
    assert head.split() == ["WR", "LC", "accuracy", "NLP", "hours", "judgements"]
    assert start.split()[:2] == ["miniature-dpo", "52.0"] and start.split()[3] == "–"
    assert main.split()[:5] == ["main-1", "52.0", "40.0", "0.60", "0.400"]
    assert lidr.split()[1:5] == ["–"] * 4 and lidr.split()[-1] == "240"


def test_a_reward_model_trained_here_adds_the_pairs_that_it_was_trained_on(made):
    beside = made.beside()
    assert beside["english-reward-model-1"]["judgements"] == 6400 + 240
    assert beside["english-reward-model-240-1"]["judgements"] == 240 + 240


def test_pooled_pairs_are_one_job(made):
    (pooled,) = [file for file in made.work("croco-pooled-1") if "/pairs/" in file]
    assert pooled == "results/demo-all/pairs/croco-pooled-1/pooled.parquet"
    assert (
        made.paths.benchmark(pooled)
        == "results/demo-all/benchmarks/pairs/croco-pooled-1/pooled.tsv"
    )


def test_hours_are_recorded_ones_where_a_job_has_run(made, tmp_path):
    main = made.beside()["main-1"]["jobs"]
    planned = sum(seconds for _, _, seconds, _ in main) / 3600
    cells = built(made, tmp_path)[0]
    assert float(cells["main-1", "", "hours"]["ours"]) == pytest.approx(planned, rel=1e-4)
    assert float(cells["main-1", "", "added"]["ours"]) == 0
    for file, *_ in main:
        write(tmp_path / file, "s\th:m:s\tmax_rss\n1800.0\t0:30:00\t100\n")
    cells = built(made, tmp_path)[0]
    hours = cells["main-1", "", "hours"]
    assert float(hours["ours"]) == pytest.approx(len(main) / 2) and hours["note"] == ""
    lacomsa = cells["lacomsa-1", "", "hours"]
    assert "as planned, the others as recorded" in lacomsa["note"]
    shared = sum(of_main for *_, of_main in made.beside()["lacomsa-1"]["jobs"]) / 2
    added = float(cells["lacomsa-1", "", "added"]["ours"])
    assert float(lacomsa["ours"]) == pytest.approx(added + shared, rel=1e-4)


def test_hours_on_gpus_count_each_gpu_of_a_job(made, tmp_path):
    beside = made.beside()
    beside["main-1"]["jobs"] = [["a", 4, 3600, True], ["b", 1, 1800, True], ["c", 0, 9000, True]]
    assert float(built(made, tmp_path, beside)[0]["main-1", "", "hours"]["ours"]) == 4.5


def test_judgements_that_nobody_states_are_not_invented(made, tmp_path):
    beside = made.beside()
    beside["main-1"]["judgements"] = None
    cell = built(made, tmp_path, beside)[0]["main-1", "", "judgements"]
    assert (cell["ours"], cell["note"]) == ("", NOT_STATED)


def test_the_figure_has_a_series_for_each_row(made, tmp_path):
    from dataclasses import asdict

    files = {key: path for key, path in made.metrics().items() if (tmp_path / path).exists()}
    table = json.loads(json.dumps(asdict(made.table)))
    assert restored_table(table).beside == [*made.table.beside]
    figure = comparison(list(files.values()), list(files), table, made.plan())
    points = [line for axis in figure.axes for line in axis.lines if line.get_marker() not in "_|"]
    heights = pd.Series([float(y) for line in points for y in line.get_ydata()])
    drawn = len(made.table.rows) - 1  # LIDR has no results
    assert heights.value_counts()[40.0] == drawn * (len(LANGUAGES) + 1)  # LC, with the average
