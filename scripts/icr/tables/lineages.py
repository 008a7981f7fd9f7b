"""Symbols of an experiment's policies: π_I, π⁰, π¹ and so on."""

from collections.abc import Sequence

SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def sign(t: int) -> str:
    """π^t."""
    return f"π{str(t).translate(SUPERSCRIPT)}"


def signs(lineage: Sequence[str]) -> dict[str, str]:
    """π_I, π⁰, π¹ … by policy. ``lineage`` lists the policies, starting with π_I.

    A model that is both π_I and π⁰ appears once, as π⁰.
    """
    return dict(zip(lineage, ["π_I", *map(sign, range(len(lineage) - 1))], strict=True))
