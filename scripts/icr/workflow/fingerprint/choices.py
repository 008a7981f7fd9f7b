"""Code that only jobs with a certain setting come to, though others' scripts name it too."""

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
"""By setting, the registry that knows its values."""

CHOICES: dict[str, dict[str, set[str]]] = {
    "backend": {
        "transformers": {"icr.sampling.transformers_backend"},
        "vllm": {"icr.sampling.vllm_backend"},
    },
}
"""By setting and value, the modules and definitions that no job with another value uses."""


def not_chosen(**chosen: str) -> frozenset[str]:
    """The code of the values that are not chosen, of the settings that are named."""
    omitted: set[str] = set()
    for setting, value in chosen.items():
        if setting in REGISTRIES:
            omitted |= REGISTRIES[setting].others(value)
        else:
            omitted.update(*(code for v, code in CHOICES[setting].items() if v != value))
    return frozenset(omitted)


def extensions_of(**chosen: str) -> dict[str, Path]:
    """The extensions that registered the chosen values: files by the names of their modules."""
    files = extension_files()
    modules = {
        REGISTRIES[setting][value].__module__
        for setting, value in chosen.items()
        if setting in REGISTRIES
    }
    return {module: files[module] for module in modules if module in files}
