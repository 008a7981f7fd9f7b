"""A prompt file, translated: ids kept, nothing asked twice, failures reported."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from icr.errors import InputError
from icr.prompts.langid import detect
from icr.storage.answers import Shape, Store, is_text, key_of
from icr.storage.files import write_json
from icr.storage.progress import Progress
from icr.translation.backends import Backend, Translation

LONG = 40
"""Characters from which on a text's language can be told."""


KEPT: Shape = {"text": is_text, "failed": is_text}
"""What a kept translation holds besides its key."""


def translate_prompts(
    english: Sequence[Mapping[str, str]],
    language: str,
    backend: Backend,
    on_failure: str,
    store: str | Path,
    report: str | Path,
) -> list[dict[str, str]]:
    """Rows with the English ids in their order, and a report of what failed, written first.

    Failed: came back cut, empty or untranslated (the same text, or a long one still in English),
    or had no room in the model. With ``keep``, a failed prompt keeps its English text, as parallel
    files need every id. Translations are kept in ``store`` and never asked for again, whatever is
    done about failures; a higher limit asks again for what was cut.

    Raises InputError naming the report if something failed and ``on_failure`` is ``error``.
    """
    translations = _kept_or_asked(english, language, backend, Path(store))
    table = pd.DataFrame([vars(one) for one in translations])
    table["id"] = [row["instruction_id"] for row in english]
    source = pd.Series([row["instruction"] for row in english])
    problems = _problems(table, source, language)
    write_json({"prompts": len(table), **_ids(table, problems)}, report)
    counts = ", ".join(f"{int((problems == name).sum())} {name}" for name in PROBLEMS)
    print(f"{language}: {len(table)} prompts translated; {counts}")
    bad = problems != ""
    if bad.any() and on_failure == "error":
        raise InputError(
            f"{int(bad.sum())} of {len(table)} translations into '{language}' failed ({counts}); "
            f"their ids are in {report}. Raise 'max_tokens' for what was cut, or set 'on_failure: "
            "keep' to keep the English text of what failed. What is translated is kept, and not "
            "asked for again"
        )
    texts = table["text"].where(~bad, source)
    return [
        {"instruction": text, "instruction_id": prompt_id}
        for text, prompt_id in zip(texts, table["id"], strict=True)
    ]


PROBLEMS = ("empty", "untranslated", "cut", "too-long")
"""Why a translation failed."""


def _problems(table: pd.DataFrame, source: pd.Series, language: str) -> pd.Series:
    """One of PROBLEMS, or nothing, for each translation."""
    same = (table["text"] == source) & source.str.contains(r"[^\W\d_]", regex=True)
    languages = pd.Series(detect(table["text"].tolist(), ["en", language]))
    still_english = (languages == "en") & (table["text"].str.len() >= LONG)
    found = table["failed"].copy()
    found[(found == "") & (table["text"].str.strip() == "")] = "empty"
    found[(found == "") & (same | still_english)] = "untranslated"
    return found


def _ids(table: pd.DataFrame, problems: pd.Series) -> dict[str, list[str]]:
    return {name: table["id"][problems == name].tolist() for name in PROBLEMS}


def _kept_or_asked(
    english: Sequence[Mapping[str, str]], language: str, backend: Backend, path: Path
) -> list[Translation]:
    """The translation of each prompt, asked for only where none is kept."""
    rows = [(row["instruction_id"], row["instruction"]) for row in english]
    if backend.key is None:
        return backend.translate(rows)
    asked = {**backend.key, "language": language}
    with Store(path, KEPT) as store:
        kept = {row: _kept(store, asked, row[1], backend.limit) for row in rows}
        missing = [row for row, translation in kept.items() if translation is None]
        print(f"{language}: {len(rows)} prompts, {len(missing)} of them still to translate")
        chunks = [missing[i : i + backend.chunk] for i in range(0, len(missing), backend.chunk)]
        progress = Progress(total=len(chunks), what=f"chunks of translations into '{language}'")
        for chunk in chunks:
            for row, answer in zip(chunk, backend.translate(chunk), strict=True):
                _keep(store, asked, row, answer, backend.limit)
                kept[row] = answer
            progress.step()
    return [translation for row in rows if (translation := kept[row]) is not None]


def _kept(
    store: Store, asked: Mapping[str, Any], text: str, limit: int | None
) -> Translation | None:
    """A whole translation whatever the limit was, or one that was cut at this limit."""
    row = store.get(_key(asked, text)) or store.get(_key(asked, text, limit))
    return None if row is None else Translation(row["text"], row["failed"])


def _keep(
    store: Store,
    asked: Mapping[str, Any],
    row: tuple[str, str],
    translation: Translation,
    limit: int | None,
) -> None:
    if translation.failed == "too-long":
        return  # nobody was asked
    key = _key(asked, row[1], limit if translation.failed else None)
    store.add({"key": key, "id": row[0], **vars(translation)})


def _key(asked: Mapping[str, Any], text: str, cut_at: int | None = None) -> str:
    return key_of({**asked, "text": text, "cut at": cut_at})
