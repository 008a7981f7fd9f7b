"""The rewards that rank responses, by name, one module each.

This package does not import torch, so that the configuration is checked quickly.
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
