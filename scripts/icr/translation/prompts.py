"""A prompt file, translated: ids kept, nothing asked twice, failures reported."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.files import in_pieces, write_json
from icr.langid import detect
from icr.translation.backends import Backend

CHUNK = 20
"""Prompts translated at a time; a killed job loses one chunk at most."""
LONG = 40
"""Characters from which on a text's language can be told."""


def translate_prompts(
    english: Sequence[Mapping[str, str]],
    language: str,
    backend: Backend,
    settings: Mapping[str, Any],
    output: str | Path,
    report: str | Path,
    on_failure: str,
) -> list[dict[str, str]]:
    """Rows with the English ids in their order, and a report of what failed, written first.

    Failed: came back empty, untranslated (the same text, or a long one still in English), or cut.
    With ``keep``, a failed prompt keeps its English text, as parallel files need every id.

    Raises InputError naming the report if something failed and ``on_failure`` is ``error``.
    """

    def compute(piece: Sequence[Mapping[str, str]]) -> pd.DataFrame:
        found = backend([(row["instruction_id"], row["instruction"]) for row in piece])
        ids = [row["instruction_id"] for row in piece]
        return pd.DataFrame(
            {"id": ids, "text": [one.text for one in found], "cut": [one.cut for one in found]}
        )

    pieces = [english[i : i + CHUNK] for i in range(0, len(english), CHUNK)]
    key = {**settings, "language": language, "english": [dict(row) for row in english]}
    table = in_pieces(output, key, pieces, compute)
    source = pd.Series([row["instruction"] for row in english])
    empty = table["text"].str.strip() == ""
    same = (table["text"] == source) & source.str.contains(r"[^\W\d_]", regex=True)
    languages = pd.Series(detect(table["text"].tolist(), ["en", language]))
    still_english = (languages == "en") & (table["text"].str.len() >= LONG)
    failed = {
        "empty": empty,
        "untranslated": ~empty & (same | still_english),
        "cut": ~empty & table["cut"],
    }
    write_json(
        {
            "prompts": len(table),
            **{name: table["id"][where].tolist() for name, where in failed.items()},
        },
        report,
    )
    bad = failed["empty"] | failed["untranslated"] | failed["cut"]
    counts = ", ".join(f"{int(where.sum())} {name}" for name, where in failed.items())
    print(f"{language}: {len(table)} prompts translated; {counts}")
    if bad.any() and on_failure == "error":
        raise InputError(
            f"{int(bad.sum())} of {len(table)} translations into '{language}' failed ({counts}); "
            f"their ids are in {report}. Translate them by hand with the backend 'file', or set "
            "'on_failure: keep' to keep their English text"
        )
    texts = table["text"].where(~bad, source)
    return [
        {"instruction": text, "instruction_id": one}
        for text, one in zip(texts, table["id"], strict=True)
    ]
