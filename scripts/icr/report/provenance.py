"""Where a run's results come from: code, environment, models and data."""

import hashlib
import platform
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from icr.storage.downloads import git_blob_id
from icr.storage.files import read_json
from icr.storage.project import ROOT, project_state, versions

PACKAGES = (
    "snakemake", "torch", "transformers", "vllm", "trl", "accelerate", "deepspeed", "peft",
    "datasets", "pandas", "pyarrow", "alpaca-eval", "lm-eval", "openai", "matplotlib",
)  # fmt: skip
"""Packages whose versions are recorded, where they are installed."""
KEPT = ("source", "commit", "licence", "parameters", "precision")
"""What is kept of the card of a fetched model."""


def provenance(
    config: Mapping[str, Any],
    models: Mapping[str, str],
    policies: Mapping[str, str],
    data: Iterable[str],
    training: Mapping[str, str],
) -> dict[str, Any]:
    """What there is to know of a finished run.

    ``config`` is the resolved configuration; ``models`` and ``policies`` hold folders by name,
    ``data`` paths of downloaded or made text files, ``training`` summaries of trainings by policy.
    Packages are those of the environment that runs this; each training recorded its own.
    """
    return {
        "run": config["run"],
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": config["seed"],
        "project": project_state(),
        "environments": {
            path.relative_to(ROOT).as_posix(): _sha256(path)
            for path in sorted((ROOT / "envs").glob("*"))
            if path.is_file()
        },
        "packages": {"python": platform.python_version(), **versions(*PACKAGES)},
        "system": f"{platform.system()} {platform.machine()}, {sys.implementation.name}",
        "models": {name: _model(config, name, folder) for name, folder in models.items()},
        "policies": {
            name: {"folder": folder, **_trained(training.get(name))}
            for name, folder in policies.items()
        },
        "data": {
            Path(path).as_posix(): git_blob_id(Path(path).read_bytes()) for path in sorted(data)
        },
    }


def _model(config: Mapping[str, Any], name: str, folder: str) -> dict[str, Any]:
    """The card that fetching left (icr.models.checkpoint), or a made model's configured source."""
    card = Path(folder) / "icr_model.json"
    known = read_json(card) if card.is_file() else {"source": config["models"][name]["source"]}
    return {"folder": folder, **{k: known[k] for k in KEPT if k in known}}


def _trained(summary: str | None) -> dict[str, Any]:
    """Versions and settings of a training."""
    if summary is None:
        return {}
    known = read_json(summary)
    return {k: known[k] for k in ("pairs", "steps", "settings", "versions") if k in known}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
