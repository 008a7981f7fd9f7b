"""The project's commit and the versions of installed packages."""

import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
"""The checkout."""


def project_state(root: Path = ROOT) -> dict[str, Any]:
    """``commit`` of the checkout, and whether tracked files have ``changed`` since.

    Both are None where git or the repository is missing, as in a downloaded archive.
    """
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = bool(_git(root, "status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "changed": None}
    return {"commit": commit, "changed": changed}


def versions(*packages: str) -> dict[str, str]:
    """Versions of those packages that are installed."""
    installed = {}
    for package in packages:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            continue
    return installed


def state_line(state: dict[str, Any]) -> str:
    """A project state in words."""
    if state["commit"] is None:
        return "an unknown commit"
    return f"commit {state['commit'][:12]}" + (", with local changes" if state["changed"] else "")


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()
