"""What the policies of an experiment are called: π_I, π⁰, π¹ and so on."""

from collections.abc import Sequence

SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def sign(t: int) -> str:
    """π^t."""
    return f"π{str(t).translate(SUPERSCRIPT)}"


def signs(lineage: Sequence[str]) -> dict[str, str]:
    """π_I, π⁰, π¹ … by the names of policies, of which ``lineage`` lists all, π_I first.

    A model that is π_I and π⁰ at once stands once, as π⁰.
    """
    return dict(zip(lineage, ["π_I", *map(sign, range(len(lineage) - 1))], strict=True))
