"""Items that finish in any order: each that was written is computed once."""

import pandas as pd
import pytest

from icr.storage.resumable import compute_as_finished, remove_work

ORDER = [3, 0, 4, 1, 2]


def computing(asked, fails_after=None):
    """Yields items in :data:`ORDER`, and dies after some of them."""

    def compute(numbers):
        asked.append(sorted(numbers))
        for done, number in enumerate(n for n in ORDER if n in numbers):
            if done == fails_after:
                raise KeyboardInterrupt
            yield number, pd.DataFrame({"id": [f"p{number}"] * 2, "ids": [[number], []]})

    return compute


def test_the_table_is_in_the_order_of_the_items(tmp_path):
    asked = []
    table = compute_as_finished(tmp_path / "a.parquet", {}, 5, computing(asked))
    assert table["id"].tolist() == [f"p{n}" for n in range(5) for _ in range(2)]
    assert list(table) == ["id", "ids"] and list(table["ids"][6]) == [3]
    assert asked == [[0, 1, 2, 3, 4]]


@pytest.mark.parametrize("seconds", [0.0, 60.0])
def test_a_job_that_was_stopped_twice_repeats_nothing(tmp_path, seconds):
    whole = compute_as_finished(tmp_path / "whole.parquet", {}, 5, computing([]))
    asked, output = [], tmp_path / "a.parquet"
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            compute_as_finished(output, {}, 5, computing(asked, fails_after=2), seconds)
    table = compute_as_finished(output, {}, 5, computing(asked), seconds)
    assert asked == [[0, 1, 2, 3, 4], [1, 2, 4], [2]]
    pd.testing.assert_frame_equal(
        table.assign(ids=table["ids"].map(list)), whole.assign(ids=whole["ids"].map(list))
    )
    again = []
    compute_as_finished(output, {}, 5, computing(again), seconds)
    assert again == [], "everything was kept"
    remove_work(output)
    compute_as_finished(output, {}, 5, computing(again), seconds)
    assert again == [[0, 1, 2, 3, 4]]


def test_other_settings_use_nothing_of_it(tmp_path):
    asked, output = [], tmp_path / "a.parquet"
    compute_as_finished(output, {"seed": 1}, 5, computing(asked))
    compute_as_finished(output, {"seed": 2}, 5, computing(asked))
    assert asked == [[0, 1, 2, 3, 4]] * 2
