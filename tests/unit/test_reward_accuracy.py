"""Reward accuracy: the draw, the order, the judge's choice."""

import json

import pandas as pd
import pytest
from judges import FakeJudge

from icr.errors import InputError
from icr.evaluation.reward_accuracy import (
    compare,
    compared,
    draw,
    message,
    metrics,
    parse_preference,
)

PAIRS = pd.DataFrame(
    {
        "id": [f"p{i}" for i in range(300)],
        "prompt": [f"question {i}" for i in range(300)],
        "chosen": [f"good {i}" for i in range(300)],
        "rejected": [f"bad {i}" for i in range(300)],
    }
)


def test_the_draw_depends_on_seed_and_language():
    once = draw(PAIRS, 100, "es", seed=1)
    assert len(once) == 100 and once["id"].is_unique
    pd.testing.assert_frame_equal(once, draw(PAIRS, 100, "es", seed=1))
    for other in (draw(PAIRS, 100, "es", seed=2), draw(PAIRS, 100, "ru", seed=1)):
        assert set(other["id"]) != set(once["id"])


def test_another_reward_is_judged_on_the_same_prompts_in_the_same_order():
    """From a set that lacks some prompts, the draw takes the shared ones."""
    once = draw(PAIRS, 100, "es", seed=1).set_index("id")
    fewer = PAIRS[PAIRS["id"] != once.index[3]].sample(frac=1, random_state=0)
    other = draw(fewer, 100, "es", seed=1).set_index("id")
    shared = once.index.intersection(other.index)
    assert len(shared) == 99
    pd.testing.assert_frame_equal(once.loc[shared], other.loc[shared])


def test_the_order_is_shuffled():
    assert 0.4 < draw(PAIRS, 300, "es", seed=1)["swapped"].mean() < 0.6


def test_fewer_pairs_are_all_drawn_and_none_is_an_error():
    assert len(draw(PAIRS[:7], 100, "es", seed=1)) == 7
    with pytest.raises(InputError, match="'es' has no preference pairs"):
        draw(PAIRS[:0], 100, "es", seed=1)


def test_the_prompt_shows_both_answers_in_their_order():
    for row in draw(PAIRS, 50, "sw", seed=1).itertuples():
        text = message(row, "sw")["content"]
        assert text.count("Swahili") == 3 and "{" not in text
        instruction, *answers = compared(text)
        assert instruction == row.prompt
        in_order = [row.chosen, row.rejected]
        assert answers == (in_order[::-1] if row.swapped else in_order)
    assert compared("something else") is None


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("Comparison: both fine.\n\nPreferred: answer1", 1),
        ("Comparison: answer2 is worse.\nPreferred: 'answer1'", 1),
        ("Comparison: ...\n**Preferred:** Answer 2", 0),
        ("Comparison: answer1 is ok.\nPreferred: <answer2>", 0),
        ("The first is better.\nanswer1", 1),
        ("The first is better.\n'tie'.", 0.5),
        ("Preferred: tie", 0.5),
        ("Preferred: <'answer1' or 'answer2' or 'tie'>", None),
        ("answer1 is better than answer2", None),
        ("Preferred: neither", None),
        ("", None),
    ],
)
def test_the_choice_is_read_from_its_line(text, choice):
    assert parse_preference(text, swapped=False) == choice
    assert parse_preference(text, swapped=True) == (None if choice is None else 1 - choice)


def test_ties_count_half_or_not_at_all():
    def answer(messages):
        instruction, first, _ = compared(messages[0]["content"])
        number = int(instruction.split()[-1])
        if number % 10 == 0:
            raise RuntimeError("HTTP 400")
        if number % 10 == 1:
            return "I cannot say."
        if number % 10 < 4:
            return "Preferred: tie"
        liked = "bad" if number % 10 == 4 else "good"
        return "Preferred: " + ("answer1" if first.startswith(liked) else "answer2")

    pairs = draw(PAIRS, 300, "de", seed=3)
    table, verdicts = compare(FakeJudge(answer), pairs, "de", 64)
    result = metrics(table)
    assert (result["wins"], result["ties"], result["losses"]) == (150, 60, 30)
    assert result["accuracy"] == pytest.approx(180 / 240)
    assert result["accuracy_without_ties"] == pytest.approx(150 / 180)
    assert (result["pairs"], result["unparsed"]) == (300, 30)
    assert result["unjudged"] == {"HTTP 400": 30}
    assert len(verdicts) == 300
    json.dumps(result, allow_nan=False)


def test_a_judge_of_ties_alone_has_no_accuracy_without_them():
    table, _ = compare(FakeJudge(lambda _: "Preferred: tie"), draw(PAIRS, 5, "de", 1), "de", 64)
    assert metrics(table)["accuracy"] == 0.5
    assert metrics(table)["accuracy_without_ties"] is None


def test_a_judge_without_any_choice_is_refused():
    table, _ = compare(FakeJudge(lambda _: "hm"), draw(PAIRS, 5, "de", 1), "de", 64)
    with pytest.raises(InputError, match="none of the judge's 5 verdicts"):
        metrics(table)
