"""The systems that `snakemake rivals` compares, by name, one module each.

A system states its name and paper, which experiments follow it, its inputs beyond the policy's own
responses, and its paper's settings, so that the comparison can list where a row differs.
"""

from icr.systems import croco, english_reward, icr, lacomsa, lidr  # each registers its system
from icr.systems.kinds import SYSTEMS, System

__all__ = ["SYSTEMS", "System", "croco", "english_reward", "icr", "lacomsa", "lidr"]
