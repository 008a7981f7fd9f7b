"""Language Imbalance Driven Rewarding (LIDR, arXiv 2410.08964).

The model answers by greedy decoding in every language and translates its own answers. The reward
is that it answers better in English: in English, its own answer is preferred to one translated
from another language; in other languages, the translated English answer is preferred to its own.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from icr.pairing.kinds import PAIRINGS, AnswerPairing, Answers, AnswersRead, Comparison

ANSWER = ["id", "response", "response_ids", "finish_reason"]


def reads(language: str, languages: Sequence[str], switches: Any) -> AnswersRead:
    """For English the translations from the other languages, for these the one from English.

    ``switches`` is the configuration's ``pairs.lidr``.
    """
    others = [other for other in languages if other != "en"]
    english = others if switches.english == "each" else others[-1:]
    return AnswersRead(
        translated_from=english if language == "en" else ["en"],
        backward=switches.failed == "prompt",
        english=bool(switches.untranslated) and language != "en",
    )


@PAIRINGS.register("lidr")
@AnswerPairing.reading(reads)
def lidr(
    answers: Answers, language: str, *, failed: str, untranslated: Sequence[str]
) -> Iterator[Comparison]:
    """Answers from English, own or translated, against those of other languages (LIDR).

    English prompts have one pair with the translation from each other language; other prompts have
    one pair, with the translation of the English answer.
    """
    for other in answers.translations:
        translated, no_pair = _translated(answers, other, failed, untranslated)
        own = answers.own
        chosen, rejected = (own, translated) if language == "en" else (translated, own)
        yield Comparison(other, chosen, rejected, no_pair)


def _translated(
    answers: Answers, other: str, failing: str, untranslated: Sequence[str]
) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    """The answers translated from ``other``, and the prompts that get no pair because one failed.

    ``failing`` is the setting ``failed``: discard one ``pair`` or the ``prompt`` in both languages.
    """
    table = answers.translations[other]
    no_pair = failed = table["failed"] != ""
    if answers.english is not None:
        kept = table["id"].isin(untranslated)
        table = pd.concat([table.loc[~kept, ANSWER], answers.english.loc[kept, ANSWER]])
        table = table.sort_index()
        no_pair = failed.where(~kept, table["response"] == "")
    if failing == "prompt":
        no_pair = no_pair | failed | (answers.backward[other]["failed"] != "")
    return table, no_pair
