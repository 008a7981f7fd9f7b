"""The rewards that rank responses, by name, one module each.

Importing this package imports no torch, so that a configuration's names are checked quickly.
"""

from icr.rewards import crosslingual, multilingual, natural, translated  # each registers its reward
from icr.rewards.kinds import REWARDS, Responses, Reward

__all__ = [
    "REWARDS",
    "Responses",
    "Reward",
    "crosslingual",
    "multilingual",
    "natural",
    "translated",
]
