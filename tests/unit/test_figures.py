"""The researcher's figures: what is drawn, from made-up tables."""

import pandas as pd

from icr.figures.accuracy import accuracy_and_win_rate
from icr.figures.costs import stage_bars
from icr.figures.lengths import length_rise, lengths
from icr.figures.style import save

LINEAGES = {"main": ["sft", "dpo", "main-1", "main-2"], "short": ["sft", "dpo", "short-1"]}


def test_lengths_of_judged_answers_count_first():
    judged = {(p, la): n for n, p in enumerate(LINEAGES["main"]) for la in ("en", "es")}
    table = lengths(LINEAGES, judged, {("main-1", "en"): 99.0})
    assert set(table["experiment"]) == {"main"}  # of short, only the start was judged
    one = table[table["language"] == "es"]
    assert one[["iteration", "length"]].to_numpy().tolist() == [[0, 1], [1, 2], [2, 3]]


def test_samples_stand_under_the_policy_that_they_trained():
    sampled = {("main-1", "en"): 10.0, ("main-2", "en"): 12.0, ("short-1", "en"): 11.0}
    table = lengths(LINEAGES, {}, sampled)
    assert table[["experiment", "iteration", "length"]].to_numpy().tolist() == [
        ["main", 0, 10.0],
        ["main", 1, 12.0],
    ]


def test_a_run_of_one_iteration_is_drawn_too(tmp_path):
    table = lengths({"short": LINEAGES["short"]}, {}, {("short-1", "en"): 11.0})
    assert table.empty
    save(length_rise(table, "samples"), [str(tmp_path / "a.png")])


def test_points_are_a_language_of_a_policy():
    rows = [
        {"policy": p, "language": la, "accuracy": 0.7, "win_rate": 20.0}
        for p in ("main-1", "main-2")
        for la in ("en", "es")
    ]
    (axis,) = accuracy_and_win_rate(pd.DataFrame(rows)).axes
    drawn = [len(points.get_offsets()) for points in axis.collections]
    assert sum(drawn) == len(rows)
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
