"""The pairings that choose two responses to a prompt, by name, one module each.

Importing this package imports no torch, so that a configuration's names are checked quickly.
"""

from icr.pairing import best_worst, lidr  # each registers its pairing
from icr.pairing.kinds import (
    PAIRINGS,
    AnswerPairing,
    Answers,
    AnswersRead,
    Candidates,
    Choice,
    Comparison,
    Pairing,
    RewardPairing,
)

__all__ = [
    "PAIRINGS",
    "AnswerPairing",
    "Answers",
    "AnswersRead",
    "Candidates",
    "Choice",
    "Comparison",
    "Pairing",
    "RewardPairing",
    "best_worst",
    "lidr",
]
