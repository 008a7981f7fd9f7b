"""Figures for the researcher: what they draw from synthetic tables."""

import re
import shutil
from itertools import pairwise

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from icr.figures import Row, by_policy, contents, drawing
from icr.figures.accuracy import accuracy_and_win_rate
from icr.figures.costs import stage_bars
from icr.figures.grades import mtbench_bars
from icr.figures.lengths import length_rise, lengths
from icr.figures.nlp import benchmark_scores
from icr.figures.pairs import alpha_curves
from icr.figures.style import WIDTH, save
from icr.figures.training import PANELS, training_curves
from icr.figures.xalpacaeval import win_rate_rise
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


def test_lines_that_coincide_are_told_apart():
    judged = {(p, la): 20.0 for p in LINEAGES["main"][1:] for la in ("en", "es", "de")}
    (axis,) = length_rise(lengths(LINEAGES, judged, {}), "answers").axes
    first = [line.get_xdata()[0] for line in axis.lines]
    assert len(set(first)) == 3 and max(first) - min(first) < 0.2


@pytest.mark.parametrize(("policies", "languages"), [(1, 1), (1, 9), (3, 5), (12, 1), (12, 9)])
def test_figures_have_one_width_and_one_legend_inside_it(policies, languages):
    names = [f"a-policy-with-a-long-name-{n}" for n in range(policies)]
    codes = ["en", "es", "ru", "de", "fr", "bn", "sw", "th", "zh"][:languages]
    cells = [(policy, language) for policy in names for language in codes]
    score = {"value": 0.5, "stderr": 0.6, "substitute": False}
    grade = {"score": 5.0, "score_se": 0.1, "turns": {"1": 5.0, "2": 5.0},
             "categories": {"math": 5.0, "writing": 4.0}, "categories_se": {}}  # fmt: skip
    rate = {"win_rate": 50.0, "win_rate_se": 1.0, "lc_win_rate": 50.0, "lc_win_rate_se": None}
    figures = [
        benchmark_scores({cell: {"arc": score, "truthfulqa_mc1": score, "truthfulqa_mc2": score}
                          for cell in cells}),
        mtbench_bars(dict.fromkeys(cells, grade)),
        win_rate_rise(dict.fromkeys(cells, rate), {p: f"π{n}" for n, p in enumerate(names)}),
        accuracy_and_win_rate({cell: {"accuracy": 0.5} for cell in cells},
                              {cell: {"win_rate": 50.0} for cell in cells}),
    ]  # fmt: skip
    for figure in figures:
        figure.canvas.draw()
        assert figure.get_size_inches()[0] == WIDTH
        (legend,) = figure.legends
        box = legend.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width
        titles = [axis.title.get_window_extent() for axis in figure.axes if axis.get_title()]
        tops = sorted((round(box.y0), box.x0, box.x1) for box in titles)
        for (row, _, end), (next_row, start, _) in pairwise(tops):
            assert row != next_row or end < start, "titles overlap"
        plt.close(figure)


def test_mtbench_has_a_row_of_its_own_for_each_language():
    grade = {"score": 5.0, "score_se": 0.1, "turns": {}, "categories": {"math": 5.0},
             "categories_se": {}}  # fmt: skip
    figure = mtbench_bars({("a", la): grade for la in ("en", "es", "de")})
    boxes = [axis.get_position() for axis in figure.axes]
    assert len({round(box.x0, 3) for box in boxes}) == 1
    assert all(box.height * figure.get_size_inches()[1] > 1 for box in boxes), "inches"


def test_bars_of_an_accuracy_end_at_0_and_1():
    cell = {"value": 0.9, "stderr": 0.2, "substitute": False}
    (axis,) = benchmark_scores({("a", "en"): {"arc": cell}}).axes
    (segments,) = (bars.get_segments() for bars in axis.containers[0].lines[2])
    assert segments[0][:, 1].tolist() == pytest.approx([0.9 - 1.96 * 0.2, 1.0])


def test_curves_and_dots_on_top_of_each_other_leave_a_rim():
    table = pd.DataFrame({"step": [1, 2], **dict.fromkeys([*PANELS, "rejected_length"], 0.5)})
    for axis in training_curves(dict.fromkeys("abc", table)).axes:
        widths = [line.get_linewidth() for line in axis.lines if line.get_linestyle() == "-"]
        assert widths == sorted(widths, reverse=True) and len(set(widths)) == 3
    alpha = {"value": 0.1, "difference": 0.0, "curve": [[0, 1], [0.2, -1]]}
    (axis,) = alpha_curves({("a", la): {"alpha": alpha} for la in ("en", "es", "de")}).axes
    dots = [line.get_markersize() for line in axis.lines if len(line.get_xdata()) == 1]
    assert dots == sorted(dots, reverse=True) and len(set(dots)) == 3


def test_a_run_of_one_iteration_can_be_drawn(tmp_path):
    table = lengths({"short": LINEAGES["short"]}, {}, {("short-1", "en"): 11.0})
    assert table.empty
    save(length_rise(table, "samples"), [str(tmp_path / "a.png")])


def test_each_point_is_a_policy_in_a_language():
    cells = [(p, la) for p in ("main-1", "main-2") for la in ("en", "es")]
    accuracy = {cell: {"accuracy": 0.6 + n / 10} for n, cell in enumerate(cells)}
    win_rate = {cell: {"win_rate": 20.0 + n} for n, cell in enumerate(cells)}
    figure = accuracy_and_win_rate(accuracy, win_rate)
    (axis,) = figure.axes
    positions = [tuple(point) for points in axis.collections for point in points.get_offsets()]
    assert positions == [(0.6 + n / 10, 20.0 + n) for n in range(4)]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["main-1", "main-2", "en", "es"]
    earlier, later = (points.get_sizes()[0] for points in axis.collections[::2])
    assert earlier > later, "a point on top of another leaves its rim visible"


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
    assert len(LISTED) == RULES.count("Row(") == 16
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
