"""Pairs of LIDR (Language Imbalance Driven Rewarding), built from answers and translations."""

import pandas as pd
import pytest
from lidr_answers import PUBLIC_CODE, answers_of

from icr.errors import InputError
from icr.pairing import Answers
from icr.pairing.answers import AnswerSettings, build_from_answers
from icr.storage.schemas.checks import check_value, checked_table
from icr.storage.schemas.pairs import LIDR_PAIRS, LIDR_SUMMARY

KEEP = AnswerSettings("drop", "keep", "keep")
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


def pairs_of(own_answers, translations, language, settings=KEEP, **more):
    return build_from_answers(Answers(own_answers, translations, **more), language, settings)


def test_in_other_languages_the_translated_english_answer_is_chosen():
    pairs, summary = pairs_of(own(GERMAN), {"en": translated(GERMAN[::-1])}, "de")
    first = pairs.iloc[0]
    assert (first["chosen"], first["rejected"]) == (GERMAN[2], GERMAN[0])
    assert list(first["chosen_ids"]) == [20, 0] and list(first["rejected_ids"]) == [10, 0]
    assert list(first["prompt_ids"]) == [1, 0] and first["language"] == "de"
    # The dog's answer is its own translation here.
    assert len(pairs) == 2 and summary["dropped"]["identical"] == 1


def test_in_english_the_english_answer_is_chosen_over_each_translation():
    others = {"de": translated(ENGLISH[::-1]), "es": translated(["A spider."] * 3, base=30)}
    pairs, summary = pairs_of(own(ENGLISH), others, "en")
    assert pairs["other"].tolist() == ["de", "de", "es", "es", "es"]
    assert pairs["chosen"].tolist() == [ENGLISH[0], ENGLISH[2], *ENGLISH]
    assert [ids[0] for ids in pairs["rejected_ids"]] == [20, 20, 30, 30, 30]
    assert summary["pairs"] == 5 and summary["prompts"] == 6
    assert list(pairs) == LIDR_PAIRS.columns
    checked_table(pairs, LIDR_PAIRS, "pairs")
    check_value(summary, LIDR_SUMMARY, "summary")


def test_failed_translations_and_empty_answers_are_discarded_and_counted():
    german = own(["", GERMAN[1], GERMAN[2]])
    from_english = translated([GERMAN[0], "", GERMAN[0]], {1: "cut"})
    pairs, summary = pairs_of(german, {"en": from_english}, "de")
    assert pairs["id"].tolist() == ["p2"]
    assert summary["dropped"]["empty"] == 1 and summary["dropped"]["failed_translation"] == 1
    assert summary["failed_translations"] == {"en": {"cut": 1}}
    assert summary["responses"]["empty"] == 1


def test_cut_answers_and_other_languages_can_be_discarded():
    german = own(GERMAN, finish=(0,))
    from_english = translated([GERMAN[1], "Сегодня в горах очень холодно и идёт снег.", GERMAN[0]])
    pairs, summary = pairs_of(
        german, {"en": from_english}, "de", AnswerSettings("drop", "drop", "drop")
    )
    assert pairs["id"].tolist() == ["p2"]
    assert summary["dropped"]["cut"] == 1 and summary["dropped"]["wrong_language"] == 1
    assert len(pairs_of(german, {"en": from_english}, "de")[0]) == 3


def test_no_pairs_and_other_prompts_are_errors():
    with pytest.raises(InputError, match="no pair is left of 3"):
        pairs_of(own(GERMAN), {"en": translated(GERMAN)}, "de")
    with pytest.raises(InputError, match="from or into 'en' are not to the same prompts"):
        pairs_of(own(GERMAN), {"en": translated(GERMAN[:2])}, "de")
    with pytest.raises(InputError, match="the English answers are not to the same prompts"):
        pairs_of(own(GERMAN), {"en": translated(GERMAN)}, "de", english=own(ENGLISH[:2]))


@pytest.mark.parametrize("language", PUBLIC_CODE)
def test_all_switches_reproduce_the_pairs_of_the_public_code(language):
    others = ["es"] if language == "en" else ["en"]  # as the setting `english: last`
    answers = Answers(
        own=answers_of(language),
        translations={other: answers_of(language, other) for other in others},
        backward={other: answers_of(other, language) for other in others},
        english=None if language == "en" else answers_of("en"),
    )
    settings = AnswerSettings("drop", "keep", "keep", failed="prompt", untranslated=["d"])
    pairs, _ = build_from_answers(answers, language, settings)
    assert list(zip(pairs["chosen"], pairs["rejected"], strict=True)) == PUBLIC_CODE[language]
    if language != "en":
        assert list(pairs["chosen_ids"].iloc[-1]) == [3]


def test_without_switches_a_failed_translation_discards_only_the_pairs_that_need_it():
    pairs, summary = pairs_of(answers_of("de"), {"en": answers_of("de", "en")}, "de")
    assert pairs["id"].tolist() == ["a", "c", "d"] and summary["dropped"]["failed_translation"] == 1
    assert pairs["chosen"].iloc[-1] == "en answer to d, in de"
    both = {other: answers_of("en", other) for other in ("de", "es")}
    pairs, _ = pairs_of(answers_of("en"), both, "en")
    assert (pairs["other"] + pairs["id"]).tolist() == ["dea", "deb", "ded", "esb", "esc", "esd"]


def test_an_untranslated_prompt_needs_no_translation_but_an_english_answer():
    settings = AnswerSettings("drop", "keep", "keep", untranslated=["b", "c"])
    english = answers_of("en")
    english.loc[2, "response"] = ""
    pairs, summary = pairs_of(
        answers_of("de"), {"en": answers_of("de", "en")}, "de", settings, english=english
    )
    assert pairs["id"].tolist() == ["a", "b", "d"] and summary["dropped"]["failed_translation"] == 1
    assert pairs["chosen"].iloc[1] == "en answer to b" and summary["untranslated"] == 2
