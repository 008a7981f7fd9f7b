"""Figures for the researcher: what they draw from synthetic tables."""

import re
import shutil

import pandas as pd
import pytest

from icr.figures import Row, by_policy, contents, drawing
from icr.figures.accuracy import accuracy_and_win_rate
from icr.figures.costs import stage_bars
from icr.figures.lengths import length_rise, lengths
from icr.figures.style import save
from icr.workflow.fingerprint import LIBRARY, definitions

RULES = (LIBRARY.parents[1] / "rules/figures.smk").read_text(encoding="utf-8")
LISTED = sorted(set(re.findall(r'Row\(\s*"([a-z.]+_?[a-z_]*)"', RULES)))
"""The drawing functions of all rows."""
LINEAGES = {"main": ["sft", "dpo", "main-1", "main-2"], "short": ["sft", "dpo", "short-1"]}


def test_lengths_of_judged_answers_take_precedence():
    judged = {(p, la): n for n, p in enumerate(LINEAGES["main"]) for la in ("en", "es")}
    table = lengths(LINEAGES, judged, {("main-1", "en"): 99.0})
    assert set(table["experiment"]) == {"main"}  # only the start of short is judged
    spanish = table[table["language"] == "es"]
    assert spanish[["iteration", "length"]].to_numpy().tolist() == [[0, 1], [1, 2], [2, 3]]


def test_lengths_of_samples_belong_to_the_iteration_that_drew_them():
    sampled = {("main-1", "en"): 10.0, ("main-2", "en"): 12.0, ("short-1", "en"): 11.0}
    table = lengths(LINEAGES, {}, sampled)
    assert table[["experiment", "iteration", "length"]].to_numpy().tolist() == [
        ["main", 0, 10.0],
        ["main", 1, 12.0],
    ]


def test_a_run_of_one_iteration_can_be_drawn(tmp_path):
    table = lengths({"short": LINEAGES["short"]}, {}, {("short-1", "en"): 11.0})
    assert table.empty
    save(length_rise(table, "samples"), [str(tmp_path / "a.png")])


def test_each_point_is_a_policy_in_a_language():
    cells = [(p, la) for p in ("main-1", "main-2") for la in ("en", "es")]
    accuracy = {cell: {"accuracy": 0.6 + n / 10} for n, cell in enumerate(cells)}
    win_rate = {cell: {"win_rate": 20.0 + n} for n, cell in enumerate(cells)}
    (axis,) = accuracy_and_win_rate(accuracy, win_rate).axes
    positions = [tuple(point) for points in axis.collections for point in points.get_offsets()]
    assert positions == [(0.6 + n / 10, 20.0 + n) for n in range(4)]
    texts = [text.get_text() for text in axis.get_legend().get_texts()]
    assert texts == ["main-1", "main-2", "en", "es"]


def test_bars_are_gpu_hours_where_there_are_gpus():
    costs = pd.DataFrame(
        {"stage": ["samples", "pairs"], "hours": [2.0, 9.0], "gpu_hours": [4.0, 0.0]}
    )
    (axis,) = stage_bars(costs).axes
    assert axis.get_xlabel() == "GPU-hours"
    assert [bar.get_width() for bar in axis.patches] == [4.0]
    (axis,) = stage_bars(costs.assign(gpu_hours=0.0)).axes
    assert axis.get_xlabel() == "hours of all jobs"
    assert [bar.get_width() for bar in axis.patches] == [2.0, 9.0]


def test_labelled_files_are_read_and_plain_paths_are_kept(tmp_path):
    (tmp_path / "a.json").write_text('{"x": 1}')
    (tmp_path / "b.csv").write_text("x\n2\n")
    files = {
        ("main-1", "en"): str(tmp_path / "a.json"),
        ("main-1", "es"): str(tmp_path / "b.csv"),
    }
    row = Row("costs.run_costs", {"metrics": files, "paper": "table1.csv", "seen": ["c", "d"]})
    assert row.files == {
        "metrics": [*files.values()],
        "paper": "table1.csv",
        "seen": ["c", "d"],
    }
    assert row.labels == {"metrics": [("main-1", "en"), ("main-1", "es")]}
    read = contents(row.labels["metrics"], row.files["metrics"])
    assert read["main-1", "en"] == {"x": 1} and read["main-1", "es"]["x"].tolist() == [2]
    assert [*by_policy(read)] == ["main-1"] and [*by_policy(read)["main-1"]] == ["en", "es"]


def test_every_listed_figure_has_a_drawing_function():
    assert len(LISTED) == RULES.count("Row(") == 13
    assert all(callable(drawing(name)) for name in LISTED)


@pytest.mark.parametrize(
    ("module", "old", "new", "changed"),
    [
        ("figures/training", '"learning rate",\n}', '"step size",\n}', {"training"}),
        ("figures/lengths", "markersize=4", "markersize=5", {"lengths"}),
        ("tables/lineages", 'f"π{str(t)', 'f"p{str(t)', {"lengths"}),
        ("figures/style", '"font.size": 9', '"font.size": 10', None),
    ],
)
def test_an_edited_drawing_changes_only_the_fingerprints_of_its_figures(
    module, old, new, changed, tmp_path
):
    """``changed`` holds names of modules; None stands for all."""

    def reached(name, library=LIBRARY):
        script = LIBRARY.parent / "figure.py"
        return definitions(script, also=(f"icr.figures.{name}",), library=library)

    shutil.copytree(LIBRARY, tmp_path / "icr", ignore=shutil.ignore_patterns("__pycache__"))
    file = tmp_path / f"icr/{module}.py"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    differing = {name for name in LISTED if reached(name) != reached(name, tmp_path / "icr")}
    modules = {name.partition(".")[0] for name in LISTED}
    assert {name.partition(".")[0] for name in differing} == (changed or modules)
