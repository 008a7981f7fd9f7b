"""Responses cut at the token limit: warn, or fail if the model never ends a turn."""

from collections.abc import Sequence
from typing import Any

from icr.errors import InputError

ENDING_TOKENS = 256
"""A limit within which some response is expected to end; a lower one cuts on purpose."""
MIN_RESPONSES = 20
"""Fewer responses than these may all be long by chance."""


def mostly_cut(cut: int, total: int) -> bool:
    """Whether more than half of the responses were cut."""
    return 2 * cut > total


def cut_counts(finish_reasons: Sequence[str]) -> dict[str, Any]:
    """For a summary: the number of ``cut`` responses and ``mostly_cut``, with a warning if so."""
    cut = sum(reason == "length" for reason in finish_reasons)
    most = mostly_cut(cut, len(finish_reasons))
    if most:
        print(f"WARNING: {cut} of {len(finish_reasons)} responses were cut at the token limit")
    return {"cut": cut, "mostly_cut": most}


def check_cuts(finish_reasons: Sequence[str], max_tokens: int, ends: str) -> None:
    """Print a warning if most responses were cut. ``ends`` describes the end tokens in use.

    Raises InputError if all of at least MIN_RESPONSES responses were cut at a limit of at least
    ENDING_TOKENS.
    """
    total, cut = len(finish_reasons), sum(reason == "length" for reason in finish_reasons)
    if not mostly_cut(cut, total):
        return
    problem = f"{cut} of {total} responses were cut at {max_tokens} tokens"
    if cut == total and total >= MIN_RESPONSES and max_tokens >= ENDING_TOKENS:
        raise InputError(
            f"{problem}: none ended by itself. Either the model ends its turns with another token "
            f"({ends}): set 'stop' of the model in the configuration; or the model does not follow "
            "its chat template: set 'chat_template' of the model; or max_tokens is too small"
        )
    print(f"WARNING: {problem}; {ends}. Raise max_tokens, or name the model's end token as 'stop'")
