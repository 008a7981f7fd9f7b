"""Code that only jobs with a certain setting use, although the scripts of others name it too."""

from pathlib import Path
from typing import Any

from icr.evaluation.judged import JUDGED
from icr.extensions import extension_files
from icr.pairing import PAIRINGS
from icr.registry import Registry
from icr.rewards import REWARDS
from icr.training.losses import LOSSES

REGISTRIES: dict[str, Registry[Any]] = {
    "judged": JUDGED,
    "loss": LOSSES,
    "reward": REWARDS,
    "pairing": PAIRINGS,
}
"""By setting, the registry of its values."""

CHOICES: dict[str, dict[str, set[str]]] = {
    "backend": {
        "transformers": {"icr.sampling.transformers_backend"},
        "vllm": {"icr.sampling.vllm_backend"},
    },
}
"""By setting and value, the modules and definitions that only jobs with this value use."""


def not_chosen(**chosen: str) -> frozenset[str]:
    """The code of all values other than ``chosen``, of these settings."""
    omitted: set[str] = set()
    for setting, value in chosen.items():
        if setting in REGISTRIES:
            omitted |= REGISTRIES[setting].others(value)
        else:
            omitted.update(*(code for v, code in CHOICES[setting].items() if v != value))
    return frozenset(omitted)


def extensions_of(**chosen: str) -> dict[str, Path]:
    """The extensions that register the chosen values: their files, by module name."""
    files = extension_files()
    modules = {
        REGISTRIES[setting][value].__module__
        for setting, value in chosen.items()
        if setting in REGISTRIES
    }
    return {module: files[module] for module in modules if module in files}
