"""Vocabularies of tokenizer.json files, compared before any job and without transformers."""

from collections.abc import Mapping
from pathlib import Path

from icr.errors import InputError
from icr.storage.files import read_json


def differing_token(path: Path, other: Path) -> str | None:
    """The first token that both vocabularies have under different ids; None if there is none.

    Tokens that only one file has say nothing, because further files of a model may add tokens.
    """
    if path.read_bytes() == other.read_bytes():
        return None
    ids, other_ids = _vocabulary(path), _vocabulary(other)
    differing = (token for token in ids if ids[token] != other_ids.get(token, ids[token]))
    return min(differing, default=None)


def _vocabulary(path: Path) -> Mapping[str, int]:
    """Ids by token; empty if the file is damaged, which the job that fetches reports."""
    try:
        vocabulary = read_json(path)["model"]["vocab"]
        if isinstance(vocabulary, dict):
            return vocabulary
        # A unigram model lists its tokens with their scores.
        return {token: number for number, (token, _) in enumerate(vocabulary)}
    except (InputError, KeyError, TypeError, ValueError):
        return {}
