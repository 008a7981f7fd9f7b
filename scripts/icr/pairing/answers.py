"""Pairs of greedy answers in one language, by a pairing without rewards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.pairing.kinds import PAIRINGS, Answers
from icr.pairing.languages import IDENTIFIED
from icr.prompts.langid import detect
from icr.sampling.cuts import cut_counts
from icr.storage.blocks import ROW
from icr.translation.failures import failures

CHOSEN = {
    "chosen": "response",
    "chosen_ids": "response_ids",
    "chosen_length": "length",
    "chosen_finish_reason": "finish_reason",
}
REJECTED = {
    "rejected": "response",
    "rejected_ids": "response_ids",
    "rejected_length": "length",
    "rejected_finish_reason": "finish_reason",
}
"""From columns of the pairs to those of the answers, for the chosen and the rejected one."""


@dataclass(frozen=True)
class AnswerSettings:
    """The configuration's section ``pairs``: ``drop`` or ``keep``, and the keys of ``lidr``."""

    identical: str
    truncated: str
    wrong_language: str
    failed: str = "pair"
    untranslated: Sequence[str] = ()
    method: str = "lidr"
    """Name of the pairing."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The pairing's own settings."""


def build_from_answers(
    answers: Answers, language: str, settings: AnswerSettings
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Pairs of a language, with the columns of :mod:`icr.pairing.selection` that later stages read.

    Column ``other`` is the language of the translated answer. Discarded and counted are pairs with
    a failed translation or an empty own answer and, depending on the settings, pairs of equal
    texts, cut answers or texts in another language.

    Raises InputError if the tables do not match or no pair is left.
    """
    own, translations = answers.own, answers.translations
    _check(answers)
    compare = PAIRINGS[settings.method].bound(settings, settings.settings)
    tables = [
        _side_by_side(own, comparison.chosen, comparison.rejected).assign(
            other=comparison.other, failed=comparison.failed
        )
        for comparison in compare(answers, language)
    ]
    table = pd.concat(tables, ignore_index=True)
    languages = sorted({*IDENTIFIED, language})
    table["chosen_language"] = detect(table["chosen"].tolist(), languages)
    table["rejected_language"] = detect(table["rejected"].tolist(), languages)
    kept, dropped = _filtered(table, language, settings)
    if kept.empty:
        raise InputError(f"language '{language}': no pair is left of {len(table)}: {dropped}")
    length = own["response"].str.len()
    summary = {
        "language": language,
        "method": settings.method,
        "alpha": None,
        "prompts": len(table),
        "pairs": len(kept),
        "dropped": dropped,
        "responses": {
            "all": len(own),
            "empty": int((length == 0).sum()),
            **cut_counts(own["finish_reason"].tolist()),
            "in_language": detect(own["response"].tolist(), languages).count(language),
            "mean_length": float(length.mean()),
        },
        "untranslated": int(own["id"].isin(settings.untranslated).sum()),
        "failed_translations": {other: failures(rows) for other, rows in translations.items()},
        "reward_spread": None,
        "noise_floor": None,
        "chosen_length": float(kept["chosen_length"].mean()),
        "rejected_length": float(kept["rejected_length"].mean()),
        "examples": kept[["id", "prompt", "chosen", "rejected"]].head(3).to_dict("records"),
    }
    print(f"{language}: {len(kept)} pairs of {len(table)}; discarded: {dropped}")
    return kept, summary


def _check(answers: Answers) -> None:
    own = answers.own
    for tables in (answers.translations, answers.backward):
        for other, table in tables.items():
            if not own[ROW].equals(table[ROW]):
                raise InputError(
                    f"the answers translated from or into '{other}' are not to the same prompts"
                )
    if answers.english is not None and not own[ROW].equals(answers.english[ROW]):
        raise InputError("the English answers are not to the same prompts")


def _side_by_side(own: pd.DataFrame, chosen: pd.DataFrame, rejected: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, Any] = {name: own[name] for name in ("id", "prompt", "prompt_ids")}
    for names, answers in ((CHOSEN, chosen), (REJECTED, rejected)):
        rows = answers.assign(length=answers["response"].str.len())
        columns |= {name: rows[source] for name, source in names.items()}
    return pd.DataFrame(columns).assign(own=own["response"])


def _filtered(
    table: pd.DataFrame, language: str, settings: AnswerSettings
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The pairs to keep, and the number discarded by reason; the first reason counts."""
    cut = (table["chosen_finish_reason"] == "length") | (
        table["rejected_finish_reason"] == "length"
    )
    foreign = (table["chosen_language"] != language) | (table["rejected_language"] != language)
    reasons = {
        "empty": table["own"] == "",
        "failed_translation": table["failed"],
        "identical": (table["chosen"] == table["rejected"]) & (settings.identical == "drop"),
        "cut": cut & (settings.truncated == "drop"),
        "wrong_language": foreign & (settings.wrong_language == "drop"),
    }
    keep = pd.Series(True, index=table.index)
    dropped = {}
    for reason, applies in reasons.items():
        dropped[reason] = int((keep & applies).sum())
        keep &= ~applies
    kept = table[keep].drop(columns=["own", "failed"]).assign(language=language)
    return kept.reset_index(drop=True), dropped
