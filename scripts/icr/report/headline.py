"""The miniature's headline numbers: ``python -m icr.report.headline claims.json``."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from icr.storage.files import read_json

TITLE = "The planted truth, in the languages without alignment data"


def headline(claims: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Value and label of each claim that has a headline."""
    return [
        (f"{100 * claim['value']:.1f} ± {200 * claim['error']:.1f} %", claim["headline"])
        for claim in claims
        if claim.get("headline")
    ]


def main(path: str) -> None:
    """Print the headline numbers."""
    print(f"{TITLE} (win rates, ± two standard errors):")
    for value, label in headline(read_json(path)):
        print(f"  {label}: {value}")


if __name__ == "__main__":
    main(sys.argv[1])
