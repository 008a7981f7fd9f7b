"""Language Imbalance Driven Rewarding (LIDR, arXiv 2410.08964).

The model answers greedily in every language and translates its answers itself. That it is better
in English than elsewhere is the reward: an own English answer is preferred to a translated one,
and elsewhere a translated English answer to an own one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from icr.pairing.kinds import PAIRINGS, AnswerPairing, Answers, AnswersRead, Comparison

ANSWER = ["id", "response", "response_ids", "finish_reason"]


def reads(language: str, languages: Sequence[str], switches: Any) -> AnswersRead:
    """In English the translations from the other languages, elsewhere that from English.

    ``switches`` are the configuration's ``pairs.lidr``.
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

    Elsewhere than in English there is one pair a prompt, with the English answer's translation; in
    English one with the translation from each language.
    """
    for other in answers.translations:
        translated, no_pair = _translated(answers, other, failed, untranslated)
        own = answers.own
        chosen, rejected = (own, translated) if language == "en" else (translated, own)
        yield Comparison(other, chosen, rejected, no_pair)


def _translated(
    answers: Answers, other: str, failing: str, untranslated: Sequence[str]
) -> tuple[pd.DataFrame, "pd.Series[bool]"]:
    """The answers from another language, and which of them leave no pair for lack of one."""
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
