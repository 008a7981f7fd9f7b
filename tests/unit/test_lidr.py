import pandas as pd
import pytest

from icr.errors import InputError
from icr.lidr import LidrSettings, lidr_pairs

KEEP = LidrSettings("drop", "keep", "keep")
ENGLISH = ["The spider has eight legs.", "The dog has four legs.", "The bird has two wings."]
GERMAN = ["Die Spinne hat acht Beine.", "Der Hund hat vier Beine.", "Der Vogel hat zwei Flügel."]


def own(texts, finish=()):
    return pd.DataFrame(
        [
            {
                "id": f"p{p}", "index": 0, "prompt": f"prompt {p}", "prompt_ids": [1, p],
                "response": text, "response_ids": [10, p],
                "finish_reason": "length" if p in finish else "stop",
            }
            for p, text in enumerate(texts)
        ]
    )  # fmt: skip


def translated(texts, failed=None, base=20):
    rows = own(texts).drop(columns=["prompt", "prompt_ids"])
    reasons = [(failed or {}).get(p, "") for p in range(len(texts))]
    return rows.assign(failed=reasons, response_ids=[[base, p] for p in range(len(texts))])


def test_elsewhere_the_translated_english_answer_is_chosen():
    pairs, summary = lidr_pairs(own(GERMAN), {"en": translated(GERMAN[::-1])}, "de", KEEP)
    first = pairs.iloc[0]
    assert (first["chosen"], first["rejected"]) == (GERMAN[2], GERMAN[0])
    assert list(first["chosen_ids"]) == [20, 0] and list(first["rejected_ids"]) == [10, 0]
    assert list(first["prompt_ids"]) == [1, 0] and first["language"] == "de"
    # The dog's answer is its own translation here.
    assert len(pairs) == 2 and summary["dropped"]["identical"] == 1


def test_in_english_the_own_answer_is_chosen_over_each_translation():
    others = {"de": translated(ENGLISH[::-1]), "es": translated(["A spider."] * 3, base=30)}
    pairs, summary = lidr_pairs(own(ENGLISH), others, "en", KEEP)
    assert pairs["other"].tolist() == ["de", "de", "es", "es", "es"]
    assert pairs["chosen"].tolist() == [ENGLISH[0], ENGLISH[2], *ENGLISH]
    assert [one[0] for one in pairs["rejected_ids"]] == [20, 20, 30, 30, 30]
    assert summary["pairs"] == 5 and summary["prompts"] == 6
    assert {"chosen_length", "rejected_language", "chosen_finish_reason"} <= set(pairs.columns)


def test_failed_translations_and_empty_answers_are_left_out_and_counted():
    given = own(["", GERMAN[1], GERMAN[2]])
    chosen = translated([GERMAN[0], "", GERMAN[0]], {1: "cut"})
    pairs, summary = lidr_pairs(given, {"en": chosen}, "de", KEEP)
    assert pairs["id"].tolist() == ["p2"]
    assert summary["dropped"]["empty"] == 1 and summary["dropped"]["failed_translation"] == 1
    assert summary["failed_translations"] == {"en": {"cut": 1}}
    assert summary["responses"]["empty"] == 1


def test_cut_answers_and_other_languages_can_be_left_out():
    given = own(GERMAN, finish=(0,))
    chosen = translated([GERMAN[1], "Сегодня в горах очень холодно и идёт снег.", GERMAN[0]])
    pairs, summary = lidr_pairs(given, {"en": chosen}, "de", LidrSettings("drop", "drop", "drop"))
    assert pairs["id"].tolist() == ["p2"]
    assert summary["dropped"]["cut"] == 1 and summary["dropped"]["wrong_language"] == 1
    assert len(lidr_pairs(given, {"en": chosen}, "de", KEEP)[0]) == 3


def test_nothing_left_and_other_prompts_are_errors():
    with pytest.raises(InputError, match="no pair is left of 3"):
        lidr_pairs(own(GERMAN), {"en": translated(GERMAN)}, "de", KEEP)
    with pytest.raises(InputError, match="translated from 'en' are not of the same prompts"):
        lidr_pairs(own(GERMAN), {"en": translated(GERMAN[:2])}, "de", KEEP)
