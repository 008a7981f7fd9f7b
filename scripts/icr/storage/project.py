"""Which state of this project is running, and with which packages."""

import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
"""The checkout."""


def project_state(root: Path = ROOT) -> dict[str, Any]:
    """``commit`` of the checkout, and whether tracked files were ``changed`` since.

    Both are None where git or the repository is missing, as in a downloaded archive.
    """
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = bool(_git(root, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "changed": None}
    return {"commit": commit, "changed": changed}


def versions(*packages: str) -> dict[str, str]:
    """The installed ones of these packages, with their versions."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def state_line(state: dict[str, Any]) -> str:
    """The state in words."""
    if state["commit"] is None:
        return "an unknown commit"
    return f"commit {state['commit'][:12]}" + (", with local changes" if state["changed"] else "")


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()
