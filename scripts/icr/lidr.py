"""Pairs of Language Imbalance Driven Rewarding (LIDR, arXiv 2410.08964).

The model answers greedily in every language and translates its answers itself. That it is better
in English than elsewhere is the reward: an own English answer is preferred to a translated one,
and elsewhere a translated English answer to an own one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.langid import detect
from icr.pairs import IDENTIFIED
from icr.rewards import ROW
from icr.translation.failures import failures


@dataclass(frozen=True)
class LidrSettings:
    """What the configuration says of pairs: ``drop`` or ``keep``."""

    identical: str
    truncated: str
    wrong_language: str


def lidr_pairs(
    own: pd.DataFrame,
    translations: Mapping[str, pd.DataFrame],
    language: str,
    settings: LidrSettings,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Pairs of one language, with the columns of :mod:`icr.pairs` that training and judging read.

    ``own`` holds the greedy answers to this language's prompts, one row a prompt.
    ``translations`` holds, by the language that they were translated from, the other answers in
    this language: elsewhere from English alone, in English from every other language, each of
    which makes its own pair of a prompt (column ``other``). Left out and counted: pairs with a
    failed translation, an empty own answer, equal texts, and by the settings cut answers and
    texts in another language.

    Raises InputError if the tables do not match or no pair is left.
    """
    tables = []
    for other, translated in translations.items():
        if not own[ROW].equals(translated[ROW]):
            raise InputError(f"the answers translated from '{other}' are not of the same prompts")
        sides = {"chosen": own, "rejected": translated}
        if language != "en":
            sides = {"chosen": translated, "rejected": own}
        tables.append(_side_by_side(own, sides, other).assign(failed=translated["failed"] != ""))
    table = pd.concat(tables, ignore_index=True)
    named = sorted({*IDENTIFIED, language})
    for side in ("chosen", "rejected"):
        table[f"{side}_language"] = detect(table[side].tolist(), named)
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
            "cut": int((own["finish_reason"] == "length").sum()),
            "in_language": int(
                sum(one == language for one in detect(own["response"].tolist(), named))
            ),
            "mean_length": float(length.mean()),
        },
        "failed_translations": {other: failures(one) for other, one in translations.items()},
        "reward_spread": None,
        "noise_floor": None,
        "chosen_length": float(kept["chosen_length"].mean()),
        "rejected_length": float(kept["rejected_length"].mean()),
        "examples": kept[["id", "prompt", "chosen", "rejected"]].head(3).to_dict("records"),
    }
    print(f"{language}: {len(kept)} pairs of {len(table)}; left out: {dropped}")
    return kept, summary


def _side_by_side(own: pd.DataFrame, sides: Mapping[str, pd.DataFrame], other: str) -> pd.DataFrame:
    columns: dict[str, Any] = {name: own[name] for name in ("id", "prompt", "prompt_ids")}
    for side, rows in sides.items():
        columns |= {
            side: rows["response"],
            f"{side}_ids": rows["response_ids"],
            f"{side}_length": rows["response"].str.len(),
            f"{side}_finish_reason": rows["finish_reason"],
        }
    columns["own"] = own["response"]
    return pd.DataFrame(columns).assign(other=other)


def _filtered(
    table: pd.DataFrame, language: str, settings: LidrSettings
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The pairs that stay, and how many went for which reason, the first that holds."""
    sides = ("chosen", "rejected")
    cut = pd.concat([table[f"{s}_finish_reason"] == "length" for s in sides], axis=1).any(axis=1)
    foreign = pd.concat([table[f"{s}_language"] != language for s in sides], axis=1).any(axis=1)
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
