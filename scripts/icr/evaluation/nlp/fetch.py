"""Fetching of a task's data sets to a mirror, from a hub or from a folder with copies."""

import os
import tempfile
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.evaluation.nlp.harness import Leaf, harness, leaves
from icr.evaluation.nlp.mirror import DESCRIPTION, harness_folder
from icr.storage.files import atomic_write, write_json
from icr.storage.hub_datasets import dataset_source, load_split

SPLITS = ("training_split", "validation_split", "test_split", "fewshot_split")


def fetch_task(task: str, folder: str | Path, mirror: str, revisions: Mapping[str, str]) -> None:
    """Write the mirror of a task or group of the installed harness to ``folder``.

    ``mirror`` is a hub endpoint, or a folder that holds ``datasets/{owner}/{name}/`` as cloned
    from the hub. ``revisions`` names a commit or branch by data set (default: main); the resolved
    commit is recorded. HF_TOKEN is read from the environment only.

    Raises InputError if the harness has no such task or the data cannot be fetched.
    """
    if "://" in mirror:
        os.environ["HF_ENDPOINT"] = mirror
    if task not in harness():
        near = get_close_matches(task, harness(), 4)
        raise InputError(
            f"lm-evaluation-harness has no task '{task}'"
            + (f"; similar: {', '.join(near)}" if near else "")
        )
    top: dict[str, Any] = harness()[task].cfg or {}
    tasks = list(leaves(task))
    grouped = tasks[0].name != task
    if grouped and not top.get("aggregate_metric_list"):
        raise InputError(
            f"task '{task}' of lm-evaluation-harness is a list of tasks without a common score"
        )
    # A temporary cache: the user's cache identifies copies by name and may return outdated data.
    with atomic_write(folder) as partial, tempfile.TemporaryDirectory() as cache:
        descriptions = {
            leaf.name: _copy(leaf, partial / leaf.name, mirror, revisions, cache) for leaf in tasks
        }
        description = {
            "task": task,
            "version": (top.get("metadata") or {}).get("version"),
            "aggregate": top["aggregate_metric_list"] if grouped else None,
            "leaves": descriptions,
        }
        write_json(description, partial / DESCRIPTION)


def _copy(
    leaf: Leaf, folder: Path, mirror: str, revisions: Mapping[str, str], cache: str
) -> dict[str, Any]:
    """Write the splits that a task uses; returns its entry in task.json."""
    path, name = leaf.get("dataset_path"), leaf.get("dataset_name")
    options = {k: v for k, v in (leaf.get("dataset_kwargs") or {}).items() if "trust" not in k}
    splits = {leaf.get(key) for key in SPLITS}
    splits |= {(leaf.get("fewshot_config") or {}).get("split")}
    commit, source = dataset_source(path, mirror, revisions.get(path, "main"))
    rows: dict[str, int] = {}
    folder.mkdir(parents=True)
    for split in sorted(filter(None, splits)):
        data = load_split(path, name, {**source, **options, "split": split, "cache_dir": cache})
        data.to_parquet(folder / f"{split}.parquet")
        rows[split] = len(data)
    print(f"{leaf.name}: {path} {name or ''}@{commit} {rows}", flush=True)
    return {
        "file": str(leaf.file.relative_to(harness_folder())),
        "overrides": dict(leaf.overrides),
        "dataset": path,
        "name": name,
        "commit": commit,
        "rows": rows,
    }
