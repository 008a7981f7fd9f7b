"""Translation of English preference pairs: every turn and both responses."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.storage.files import read_json
from icr.translation.backends import Backend
from icr.translation.prompts import PROBLEMS, translate_prompts

EQUAL = "equal"
"""The reason for discarding a pair whose responses have the same translation."""


def translate_preferences(
    english: pd.DataFrame,
    language: str,
    backend: Backend,
    failed: str,
    store: str | Path,
    report: str | Path,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """The pairs in a language under the English ids, and the numbers of discarded ones by reason.

    Each text is translated separately and stored as a prompt is
    (:func:`icr.translation.prompts.translate_prompts`); repeated texts are translated once. A pair
    is discarded if one of its texts could not be translated, or if both responses have the same
    translation. ``failed`` is ``error`` or ``discard``.

    Raises InputError naming the report if a pair failed and ``failed`` is ``error``, and if no pair
    is left.
    """
    ids: dict[str, str] = {}  # by text
    pairs = english.to_dict("records")
    for pair in pairs:
        for text in _texts(pair):
            ids.setdefault(text, f"{pair['id']}/{len(ids)}")
    rows = [{"instruction": text, "instruction_id": name} for text, name in ids.items()]
    translated = translate_prompts(rows, language, backend, "keep", store, report)
    translation = {text: row["instruction"] for text, row in zip(ids, translated, strict=True)}
    listed = read_json(report)
    reasons = {name: reason for reason in PROBLEMS for name in listed[reason]}
    problem = {text: reasons.get(name, "") for text, name in ids.items()}
    kept, counts = [], dict.fromkeys((*PROBLEMS, EQUAL), 0)
    for pair in pairs:
        causes = [problem[text] for text in _texts(pair) if problem[text]]
        chosen, rejected = (translation[pair[side]].strip() for side in ("chosen", "rejected"))
        if not causes and chosen == rejected:
            causes = [EQUAL]
        if causes:
            counts[causes[0]] += 1
            continue
        kept.append(
            {
                **pair,
                "messages": [
                    {**turn, "content": translation[turn["content"]]} for turn in pair["messages"]
                ],
                "chosen": chosen,
                "rejected": rejected,
            }
        )
    discarded = len(english) - len(kept)
    print(f"{language}: {len(kept)} pairs translated, {discarded} discarded: {counts}")
    if discarded and (failed == "error" or not kept):
        raise InputError(
            f"{discarded} of {len(english)} pairs could not be translated into '{language}' "
            f"({counts}); the texts are listed in {report}. Set 'failed: discard' of the source to "
            "leave these pairs out, or raise 'max_tokens' for texts that were cut"
        )
    return pd.DataFrame(kept), counts


def _texts(pair: Mapping[Any, Any]) -> list[str]:
    """The texts of a pair."""
    return [*(turn["content"] for turn in pair["messages"]), pair["chosen"], pair["rejected"]]
