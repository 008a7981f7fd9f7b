"""The miniature's story in three numbers: ``python -m icr.report.headline claims.json``."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from icr.storage.files import read_json

TITLE = "The planted truth, in the languages that alignment never saw"


def headline(claims: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Number and what it counts, of the claims that a run shows first."""
    return [
        (f"{100 * one['value']:.1f} ± {200 * one['error']:.1f} %", one["headline"])
        for one in claims
        if one.get("headline")
    ]


def main(path: str) -> None:
    """Print the numbers that the report begins with."""
    print(f"{TITLE} (win rates, ± two standard errors):")
    for value, what in headline(read_json(path)):
        print(f"  {what}: {value}")


if __name__ == "__main__":
    main(sys.argv[1])
