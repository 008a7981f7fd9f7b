"""Scoring of a policy on tasks of the harness, offline."""

import importlib.metadata
import math
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from icr.errors import InputError
from icr.evaluation.nlp.mirror import write_task_files
from icr.storage.files import read_json, write_json
from icr.storage.progress import Progress
from icr.storage.resumable import identity, work_folder


@dataclass(frozen=True)
class Settings:
    """How policies are scored; the same for all policies, so that their scores are comparable."""

    backend: Literal["hf", "vllm"] = "hf"
    dtype: Literal["float32", "bfloat16", "float16"] = "bfloat16"
    batch: int | Literal["auto"] = "auto"
    """Requests scored together."""
    chat_template: bool = False
    """Apply the model's chat template; the paper's scores are those of plain text."""
    limit: int | None = None
    """Number of questions of each task, for a quick look; None: all."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Further arguments of the harness's model class."""
    gpus: int = 1
    """GPUs that share the model."""


def score_policy(
    model: str | Path,
    tasks: Mapping[str, Sequence[Mapping[str, Any]]],
    settings: Settings,
    output: str | Path,
    code: str = "",
) -> dict[str, Any]:
    """Score the model in a folder on the tasks of each language.

    Finished tasks are kept beside ``output`` and reused after a kill; the caller writes the result
    and calls icr.storage.resumable.remove_work. ``code`` is the fingerprint of the program. Works
    offline.

    Returns ``{"scores": {language: {benchmark: score}}, "versions": ...}``; a score is as
    :func:`score_task` returns it.
    """
    key = {"model": identity(model), "tasks": tasks, "settings": asdict(settings), "code": code}
    work = work_folder(output, key)
    pieces = [(language, asked) for language, group in tasks.items() for asked in group]
    progress = Progress(len(pieces), f"tasks of {Path(model).name}", every=0)
    scores: dict[str, dict[str, Any]] = {language: {} for language in tasks}
    lm = None
    for language, asked in pieces:
        kept = work / f"{language}-{asked['benchmark']}.json"
        if reused := kept.exists():
            score = read_json(kept)
        else:
            lm = lm or open_model(model, settings)
            score = score_task(lm, asked, settings)
            write_json(score, kept)
        scores[language][asked["benchmark"]] = score
        progress.step(reused=reused)
    names = ("lm_eval", "transformers", "torch", "datasets")
    return {"scores": scores, "versions": {n: importlib.metadata.version(n) for n in names}}


def offline() -> None:
    """Make the harness and its libraries work offline; call this before importing them."""
    for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[name] = "1"
    os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
    # The harness's progress bars cannot be disabled, and vLLM divides by the time of its bar, which
    # is 0 if it is disabled. Once a minute is enough in a log.
    os.environ.pop("TQDM_DISABLE", None)
    os.environ["TQDM_MININTERVAL"] = "60"


def open_model(folder: str | Path, settings: Settings) -> Any:
    """The harness's model object for a local folder.

    Raises InputError if the folder's files lack weights: the harness would replace them by random
    numbers.
    """
    offline()
    from transformers import AutoConfig, AutoModelForCausalLM

    from icr.models.weights import check_stored, stored_weights

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    weights = stored_weights(Path(folder), str(folder))
    check_stored(AutoModelForCausalLM, config, weights, str(folder))
    from lm_eval.api.registry import get_model

    arguments: dict[str, Any] = {
        "pretrained": str(Path(folder).resolve()),  # a relative path would be taken for a hub name
        "dtype": settings.dtype,
        "batch_size": settings.batch,
    }
    if settings.backend == "vllm":
        # vLLM would compile this sampler at the start, with an nvcc that nodes may lack.
        os.environ.setdefault("VLLM_USE_FLASHINFER_SAMPLER", "0")
        arguments["tensor_parallel_size"] = max(1, settings.gpus)
    else:
        arguments["device"] = "cuda" if settings.gpus else "cpu"
        arguments["parallelize"] = settings.gpus > 1
    return get_model(settings.backend)(**arguments, **settings.options)


def score_task(lm: Any, asked: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Score one task.

    Returns its ``metrics`` by the harness's keys (``"acc,none"``, ``"acc_stderr,none"``; None if
    not finite), the number ``n`` of questions and, for a group, the same for each of its ``parts``.
    """
    offline()
    from lm_eval.evaluator import evaluate
    from lm_eval.tasks import TaskManager

    with tempfile.TemporaryDirectory() as folder:
        write_task_files(asked, Path(folder))
        loaded = TaskManager(include_path=folder, include_defaults=False).load([asked["task"]])
        for task in loaded["tasks"].values():
            task.set_fewshot_seed(seed=1234)
        results = evaluate(
            lm,
            loaded,
            limit=settings.limit,
            log_samples=False,
            apply_chat_template=settings.chat_template,
            fewshot_as_multiturn=settings.chat_template,
        )
    if results is None or asked["task"] not in results["results"]:
        raise InputError(f"lm-evaluation-harness returned no result for task '{asked['task']}'")
    sizes = {name: count["effective"] for name, count in results["n-samples"].items()}
    parts = {name: results["results"][name] for name in sizes if name != asked["task"]}
    return {
        "task": asked["task"],
        "shots": asked["shots"],
        "metrics": _numbers(results["results"][asked["task"]]),
        "n": sum(sizes.values()),
        "parts": {name: {**_numbers(part), "n": sizes[name]} for name, part in parts.items()},
    }


def _numbers(result: Mapping[str, Any]) -> dict[str, float | None]:
    """The metrics among a result's entries; None for a value that is not a finite number."""
    metrics = {key: value for key, value in result.items() if "," in key}
    finite = {k: isinstance(v, float | int) and math.isfinite(v) for k, v in metrics.items()}
    return {key: float(value) if finite[key] else None for key, value in metrics.items()}
