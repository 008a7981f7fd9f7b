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
"""Fields copied from the card of a fetched model."""


def provenance(
    config: Mapping[str, Any],
    models: Mapping[str, str],
    policies: Mapping[str, str],
    data: Iterable[str],
    training: Mapping[str, str],
) -> dict[str, Any]:
    """The provenance record of a finished run.

    ``config`` is the resolved configuration; ``models`` and ``policies`` map names to folders,
    ``data`` lists paths of prompts and questions, ``training`` maps policies to the paths of their
    training summaries. Packages are those of the current environment; each training summary has
    the versions that it used.
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
    """A fetched model's card (icr.models.checkpoint); the configured source of any other."""
    card = Path(folder) / "icr_model.json"
    facts = read_json(card) if card.is_file() else {"source": config["models"][name]["source"]}
    return {"folder": folder, **{key: facts[key] for key in KEPT if key in facts}}


def _trained(summary: str | None) -> dict[str, Any]:
    """Size, settings and versions from a training summary."""
    if summary is None:
        return {}
    facts = read_json(summary)
    return {key: facts[key] for key in ("pairs", "steps", "settings", "versions") if key in facts}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
