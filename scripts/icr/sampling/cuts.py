"""Responses that were cut at the token limit: telling a setting from a model that never ends."""

from collections.abc import Sequence
from typing import Any

from icr.errors import InputError

ENOUGH = 256
"""Tokens within which some response ends by itself; a lower limit cuts on purpose."""
FEW = 20
"""Responses that may all happen to be long."""


def mostly_cut(cut: int, total: int) -> bool:
    """Whether more than half of the responses were cut."""
    return 2 * cut > total


def cut_counts(finish_reasons: Sequence[str]) -> dict[str, Any]:
    """``cut``, how many responses were, and ``mostly_cut``; printed if so. For a summary."""
    cut = sum(reason == "length" for reason in finish_reasons)
    most = mostly_cut(cut, len(finish_reasons))
    if most:
        print(f"WARNING: {cut} of {len(finish_reasons)} responses were cut at the token limit")
    return {"cut": cut, "mostly_cut": most}


def check_cuts(finish_reasons: Sequence[str], max_tokens: int, ends: str) -> None:
    """Print a warning if most responses were cut. ``ends`` says what would have ended them.

    Raises InputError if all were, of at least FEW responses and at a limit of at least ENOUGH.
    """
    total, cut = len(finish_reasons), sum(reason == "length" for reason in finish_reasons)
    if not mostly_cut(cut, total):
        return
    what = f"{cut} of {total} responses were cut at {max_tokens} tokens"
    if cut == total and total >= FEW and max_tokens >= ENOUGH:
        raise InputError(
            f"{what}: none ended by itself. Either the model ends its turns with a token that is "
            f"not looked for ({ends}): name it as 'stop' of the model in the configuration; or "
            "it does not follow its chat template: name the right one as 'chat_template'; or "
            "max_tokens is too small"
        )
    print(f"WARNING: {what}; {ends}. Raise max_tokens, or name the model's end token as 'stop'")
