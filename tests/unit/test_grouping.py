"""Which languages and blocks one job covers: nothing twice, nothing across experiments."""

import random

import pytest

from icr.workflow.grouping import Span, finished_spans, spans, together

LANGUAGES = ("en", "es", "ru")


def needed(**counts):
    """Readers of the first blocks in each language; equal numbers are of the same reader."""
    return {la: {str(count): count for count in numbers} for la, numbers in counts.items()}


def names(found):
    return [tuple(job.names.values()) for job in found]


def test_a_job_and_its_file_name_each_other():
    job = Span.named("en-es", "0002-0004")
    assert job == Span(("en", "es"), range(2, 5))
    assert job.names == {"languages": "en-es", "blocks": "0002-0004"}
    assert Span.named("ru", "0007").names == {"languages": "ru", "blocks": "0007"}


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (100, [("en-es-ru", "0000-0003")]),
        (9, [("en-es", "0000-0003"), ("ru", "0000-0003")]),
        (4, [("en", "0000-0003"), ("es", "0000-0003"), ("ru", "0000-0003")]),
        (3, [(la, blocks) for la in LANGUAGES for blocks in ("0000-0002", "0003")]),
    ],
)
def test_jobs_take_as_many_blocks_as_they_may(size, expected):
    assert names(spans(needed(en={4}, es={4}, ru={4}), size)) == expected


def test_no_job_reads_across_the_end_of_a_smaller_experiment():
    made = spans(needed(en={2, 6}, es={2, 6}, ru={2, 6}), 100)
    assert names(made) == [("en-es-ru", "0000-0001"), ("en-es-ru", "0002-0005")]


def test_languages_of_other_readers_stand_in_other_jobs():
    """Whoever asks for one experiment computes no language of another."""
    made = spans(needed(en={2, 6}, es={2}, ru={6}), 100)
    assert names(made) == [
        ("en", "0000-0001"), ("es", "0000-0001"), ("ru", "0000-0001"), ("en-ru", "0002-0005"),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 5, 7, 100])
def test_every_part_is_made_once(size):
    wanted = needed(en={2, 6, 10}, es={3}, ru={6, 10})
    parts = [part for span in spans(wanted, size) for part in span.parts]
    expected = {(la, block) for la, last in (("en", 10), ("es", 3), ("ru", 10))
                for block in range(last)}  # fmt: skip
    assert len(parts) == len(set(parts)) and set(parts) == expected


def test_what_is_finished_stays_and_only_the_rest_is_made():
    before = spans(needed(en={4}, es={4}), 100)
    added = spans(needed(en={4}, es={4}, ru={4}), 100, before)
    assert names(added) == [("en-es", "0000-0003"), ("ru", "0000-0003")]
    longer = spans(needed(en={4, 6}, es={4}), 100, before)
    assert names(longer) == [("en-es", "0000-0003"), ("en", "0004-0005")]


def test_a_run_that_stopped_half_way_goes_on_with_the_same_jobs():
    wanted = needed(en={2, 6}, es={2, 6}, ru={2, 6})
    whole = spans(wanted, 4)
    for span in whole:
        assert set(names(spans(wanted, 4, [span]))) == set(names(whole))


def test_a_finished_file_is_used_with_all_that_it_holds():
    """A language that no experiment reads any more must not cost the others their samples."""
    finished = [Span(("en", "es"), range(2))]
    assert names(spans(needed(en={2}), 100, finished)) == [("en-es", "0000-0001")]
    assert names(spans(needed(ru={2}), 100, finished)) == [
        ("en-es", "0000-0001"), ("ru", "0000-0001"),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [1, 4, 5, 9, 100])
def test_jobs_that_are_left_keep_their_names(size):
    """Work that a killed job has finished is found again by the name of its file."""
    wanted = needed(en={6}, es={6}, ru={2, 6}, de={2, 6})
    whole = spans(wanted, size)
    for seed in range(20):
        done = random.Random(seed).sample(whole, seed % len(whole))
        assert set(names(spans(wanted, size, done))) == set(names(whole))


def test_of_finished_spans_that_overlap_one_is_read():
    finished = [Span(("en",), range(2)), Span(("en", "es"), range(2))]
    assert names(spans(needed(en={2}, es={2}), 100, finished)) == [
        ("en", "0000-0001"),
        ("es", "0000-0001"),
    ]


def test_finished_spans_are_read_off_the_disk(tmp_path):
    path = f"{tmp_path}/{{languages}}/{{blocks}}.parquet"
    assert finished_spans(path) == []
    for name in ("en-es/0000-0001", "ru/0004", "ru/.0005", "ru/0007-old", "russian/0008"):
        file = tmp_path / f"{name}.parquet"
        file.parent.mkdir(exist_ok=True)
        file.touch()
    (tmp_path / "ru/.0006.parquet.work").mkdir()
    assert finished_spans(path) == [Span(("en", "es"), range(2)), Span(("ru",), range(4, 5))]


def test_languages_that_were_answered_together_stay_so(tmp_path):
    path = f"{tmp_path}/{{languages}}.json"
    assert together(path, "es", LANGUAGES) == "en-es-ru"
    assert together(path, "es", LANGUAGES, size=2) == "en-es"
    (tmp_path / "en-es.json").touch()
    assert together(path, "es", LANGUAGES) == "en-es" and together(path, "ru", LANGUAGES) == "ru"
