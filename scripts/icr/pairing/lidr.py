"""Pairs of Language Imbalance Driven Rewarding (LIDR, arXiv 2410.08964).

The model answers greedily in every language and translates its answers itself. That it is better
in English than elsewhere is the reward: an own English answer is preferred to a translated one,
and elsewhere a translated English answer to an own one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.pairing.pairs import IDENTIFIED
from icr.prompts.langid import detect
from icr.rewards.implicit import ROW
from icr.sampling.cuts import cut_counts
from icr.translation.failures import failures

ANSWER = ["id", "response", "response_ids", "finish_reason"]
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
"""What a pair keeps of its two answers: column of the pairs, column of the answers."""


@dataclass(frozen=True)
class LidrSettings:
    """What the configuration says of pairs: ``drop`` or ``keep``, and its section ``lidr``."""

    identical: str
    truncated: str
    wrong_language: str
    failed: str = "pair"
    untranslated: Sequence[str] = ()


@dataclass(frozen=True)
class Answers:
    """What one language's pairs are made of: tables of a row a prompt, by language."""

    own: pd.DataFrame
    """Greedy answers to this language's prompts."""
    translations: Mapping[str, pd.DataFrame]
    """The answers in other languages, translated into this one."""
    backward: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """The own answers, translated into those languages, where ``failed`` is ``prompt``."""
    english: pd.DataFrame | None = None
    """The English answers, where prompts are ``untranslated``."""


def lidr_pairs(
    answers: Answers, language: str, settings: LidrSettings
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Pairs of one language, with the columns of :mod:`icr.pairing.pairs` that are read later.

    Elsewhere than in English there is one pair a prompt, with the English answer's translation; in
    English one with the translation from each language of ``answers`` (column ``other``). Left out
    and counted: pairs with a failed translation, an empty own answer, equal texts, and by the
    settings cut answers and texts in another language.

    Raises InputError if the tables do not match or no pair is left.
    """
    own, translations = answers.own, answers.translations
    _check(answers)
    tables = []
    for other in translations:
        translated, failed = _translated(answers, other, settings)
        chosen, rejected = (own, translated) if language == "en" else (translated, own)
        pairs = _side_by_side(own, chosen, rejected)
        tables.append(pairs.assign(other=other, failed=failed))
    table = pd.concat(tables, ignore_index=True)
    named = sorted({*IDENTIFIED, language})
    table["chosen_language"] = detect(table["chosen"].tolist(), named)
    table["rejected_language"] = detect(table["rejected"].tolist(), named)
    kept, dropped = _filtered(table, language, settings)
    if kept.empty:
        raise InputError(f"language '{language}': no pair is left of {len(table)}: {dropped}")
    length = own["response"].str.len()
    summary = {
        "language": language,
        "method": "lidr",
        "alpha": None,
        "prompts": len(table),
        "pairs": len(kept),
        "dropped": dropped,
        "responses": {
            "all": len(own),
            "empty": int((length == 0).sum()),
            **cut_counts(own["finish_reason"].tolist()),
            "in_language": int(
                sum(one == language for one in detect(own["response"].tolist(), named))
            ),
            "mean_length": float(length.mean()),
        },
        "untranslated": int(own["id"].isin(settings.untranslated).sum()),
        "failed_translations": {other: failures(one) for other, one in translations.items()},
        "reward_spread": None,
        "noise_floor": None,
        "chosen_length": float(kept["chosen_length"].mean()),
        "rejected_length": float(kept["rejected_length"].mean()),
        "examples": kept[["id", "prompt", "chosen", "rejected"]].head(3).to_dict("records"),
    }
    print(f"{language}: {len(kept)} pairs of {len(table)}; left out: {dropped}")
    return kept, summary


def _check(answers: Answers) -> None:
    own = answers.own
    for tables in (answers.translations, answers.backward):
        for other, table in tables.items():
            if not own[ROW].equals(table[ROW]):
                raise InputError(
                    f"the answers translated from or into '{other}' are not of the same prompts"
                )
    if answers.english is not None and not own[ROW].equals(answers.english[ROW]):
        raise InputError("the English answers are not of the same prompts")


def _translated(
    answers: Answers, other: str, settings: LidrSettings
) -> tuple[pd.DataFrame, pd.Series]:
    """The answers from another language, and which of them leave no pair for lack of one."""
    table = answers.translations[other]
    no_pair = failed = table["failed"] != ""
    if answers.english is not None:
        kept = table["id"].isin(settings.untranslated)
        table = pd.concat([table.loc[~kept, ANSWER], answers.english.loc[kept, ANSWER]])
        table = table.sort_index()
        no_pair = failed.where(~kept, table["response"] == "")
    if settings.failed == "prompt":
        no_pair = no_pair | failed | (answers.backward[other]["failed"] != "")
    return table, no_pair


def _side_by_side(own: pd.DataFrame, chosen: pd.DataFrame, rejected: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, Any] = {name: own[name] for name in ("id", "prompt", "prompt_ids")}
    for names, answers in ((CHOSEN, chosen), (REJECTED, rejected)):
        rows = answers.assign(length=answers["response"].str.len())
        columns |= {name: rows[source] for name, source in names.items()}
    return pd.DataFrame(columns).assign(own=own["response"])


def _filtered(
    table: pd.DataFrame, language: str, settings: LidrSettings
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The pairs that stay, and how many went for which reason, the first that holds."""
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
    stays = pd.Series(True, index=table.index)
    dropped = {}
    for reason, holds in reasons.items():
        dropped[reason] = int((stays & holds).sum())
        stays &= ~holds
    kept = table[stays].drop(columns=["own", "failed"]).assign(language=language)
    return kept.reset_index(drop=True), dropped
