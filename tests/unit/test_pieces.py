"""What is computed together: prompts of one language and one block."""

from icr.storage.blocks import first_of_blocks, pieces


def test_pieces_end_with_a_language_and_with_a_block():
    languages = ["en"] * 7 + ["es"] * 4
    assert pieces(languages, 3) == [range(0, 3), range(3, 6), range(6, 7), range(7, 10),
                                    range(10, 11)]  # fmt: skip
    assert pieces(languages, 3, block=4) == [range(0, 3), range(3, 4), range(4, 7), range(7, 10),
                                             range(10, 11)]  # fmt: skip
    assert pieces([], 3) == []


def test_a_block_is_cut_in_the_same_way_whatever_the_job_covers():
    whole = pieces(["en"] * 12 + ["es"] * 12, 5, block=6)
    for first in range(0, 24, 6):
        alone = pieces(["en"] * 6, 5, block=6)
        assert [range(first + p.start, first + p.stop) for p in alone] == [
            p for p in whole if first <= p.start < first + 6
        ]


def test_prompts_are_rescored_in_each_language_and_block():
    ids = [f"{la}/{n}" for la in ("en", "es") for n in range(6)]
    assert first_of_blocks(ids, 1, 3) == ["en/0", "en/3", "es/0", "es/3"]
    assert first_of_blocks(ids, 2) == ["en/0", "en/1", "es/0", "es/1"]
    assert first_of_blocks(["a", "b"], 1) == ["a"] and first_of_blocks([], 1) == []
