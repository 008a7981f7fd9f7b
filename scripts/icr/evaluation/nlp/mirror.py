"""Mirrors of a task's data sets, and the task files by which the harness reads them.

A mirror is a folder with ``task.json`` and one Parquet file per data set and split. The task files
written from it include the harness's own, so that prompts and metrics stay those of the harness;
they change only the source of the data and the number of few-shot examples.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from icr.storage.files import read_json

DESCRIPTION = "task.json"


def harness_folder() -> Path:
    """Folder of the harness's own task files."""
    import lm_eval.tasks

    return Path(lm_eval.tasks.__file__).parent


def write_task_files(asked: Mapping[str, Any], folder: Path) -> None:
    """Write the harness's files of one task (icr.evaluation.nlp.tasks.Task.asked) to ``folder``.

    The harness converts the data in this folder too.
    """
    task, shots = asked["task"], asked["shots"]
    if asked["template"]:
        source = {"test": str(Path(asked["data"]).resolve())}
        settings = _task(task, Path(asked["template"]).resolve(), "json", source, shots)
        _write({**settings, "test_split": "test"}, folder, task)
        return
    mirror = Path(asked["data"]).resolve()
    description = read_json(mirror / DESCRIPTION)
    for name, leaf in description["leaves"].items():
        files = {split: str(mirror / name / f"{split}.parquet") for split in leaf["rows"]}
        settings = _task(name, harness_folder() / leaf["file"], "parquet", files, shots)
        _write({**leaf["overrides"], **settings}, folder, name)
    if description["aggregate"] is not None:
        group = {
            "group": task,
            "task": list(description["leaves"]),
            "aggregate_metric_list": description["aggregate"],
            "metadata": {"version": description["version"]},
        }
        _write(group, folder, task)


def _task(
    name: str, include: Path, builder: str, files: Mapping[str, str], shots: int
) -> dict[str, Any]:
    return {
        "include": str(include),
        "task": name,
        "tag": [],
        "dataset_path": builder,
        "dataset_name": None,
        "dataset_kwargs": {"data_files": dict(files)},
        "num_fewshot": shots,
    }


def _write(settings: Mapping[str, Any], folder: Path, name: str) -> None:
    if "dataset_kwargs" in settings:
        settings["dataset_kwargs"]["cache_dir"] = str(folder / "converted")
    text = yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True)
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
