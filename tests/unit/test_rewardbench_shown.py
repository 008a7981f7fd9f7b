"""Rewards on preference triples as the report shows them: figures, table and findings."""

import pandas as pd
import pytest

from icr.evaluation.rewardbench.table import rows
from icr.figures.rewardbench import accuracy_by_language, representation_shift
from icr.report.findings import Numbers, finding
from icr.report.result_tables import rewardbench_table


def metrics(accuracy, score=None):
    return {
        "accuracy": accuracy,
        "se": 0.01,
        "score": score,
        "score_se": None if score is None else 0.02,
        "categories": {},
        "subsets": {},
    }


MEASURED = {
    ("natural", "rm-en", "en"): metrics(0.9, 0.8),
    ("natural", "rm-en", "es"): metrics(0.7, 0.6),
    ("crosslingual", "dpo-against-sft", "en"): metrics(0.6, 0.9),
    ("crosslingual", "dpo-against-sft", "es"): metrics(0.6, 0.7),
}
SHIFTS = pd.DataFrame(
    [
        {"model": model, "text": text, "variant": variant, "shift": shift, "shift_se": 0.001}
        for model, shift in (("rm-en", 0.01), ("rm-es", -0.02))
        for text in ("conversation", "prompt")
        for variant in ("raw", "normalised")
    ]
)


def drawn(axis):
    """Values and half-widths of intervals of each series."""
    series = {}
    for bars in axis.containers:
        line, _, (intervals,) = bars
        spans = [segment[:, 1] for segment in intervals.get_segments()]
        halves = [float(high - low) / 2 for low, high in spans]
        series[bars.get_label()] = (line.get_ydata().tolist(), halves)
    return series


def test_the_figure_has_each_reward_in_each_language_and_its_mean():
    (axis,) = accuracy_by_language(MEASURED).axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["en", "es", "mean"]
    series = drawn(axis)
    assert [*series] == ["rm-en", "$R_c$ dpo-against-sft"]
    values, halves = series["rm-en"]
    assert values == pytest.approx([80, 60, 70])
    assert halves == pytest.approx([3.92, 3.92, 3.92 / 2**0.5])
    assert axis.get_ylabel() == "score (%)"


def test_rewards_without_a_score_are_compared_by_accuracy():
    measured = {key: metrics(of["accuracy"]) for key, of in MEASURED.items()}
    (axis,) = accuracy_by_language(measured).axes
    assert drawn(axis)["rm-en"][0] == pytest.approx([90, 70, 80])
    assert axis.get_ylabel() == "accuracy (%)"


def test_the_report_has_a_row_for_each_reward():
    table = rewardbench_table(rows(MEASURED))
    assert table.columns == ["reward", "view", "en", "es", "mean"]
    assert table.rows == [
        ["rm-en", "natural", "80.0 ± 4.0", "60.0 ± 4.0", "70.0"],
        ["dpo-against-sft", "crosslingual", "90.0 ± 4.0", "70.0 ± 4.0", "80.0"],
    ]
    assert rewardbench_table(None) is None


def test_findings_name_the_extremes():
    points = {"rewardbench": rows(MEASURED), "representation": SHIFTS}
    numbers = Numbers({}, {}, {}, {}, pd.DataFrame(), points)
    assert finding("rewardbench", numbers) == (
        "Averaged over the languages other than English, the score is 70.0% for dpo-against-sft "
        "(crosslingual), the highest, and 60.0% for rm-en (natural), the lowest."
    )
    assert finding("representation", numbers) == (
        "Training rm-en changed f of conversations by +0.0100, training rm-es by -0.0200 "
        "(normalised states)."
    )


def test_the_shift_has_a_panel_for_each_text():
    left, right = representation_shift({"all": SHIFTS}).axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["rm-en", "rm-es"]
    assert {axis.get_title() for axis in (left, right)} == {
        "Prompt and chosen response",
        "Prompt alone",
    }
    (raw, normalised) = left.containers
    assert raw[0].get_xdata().tolist() == [0.01, -0.02]
    assert {raw.get_label(), normalised.get_label()} == {"raw states", "normalised states"}
