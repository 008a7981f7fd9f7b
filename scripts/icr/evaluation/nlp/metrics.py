"""Metrics of a policy in one language, from the harness's scores."""

from collections.abc import Iterable, Mapping
from typing import Any

from icr.errors import InputError
from icr.evaluation.nlp.tasks import Task


def metric_keys(metric: str) -> tuple[str, str]:
    """The harness's keys of a metric and of its standard error."""
    name, _, filter_name = metric.partition(",")
    return f"{name},{filter_name or 'none'}", f"{name}_stderr,{filter_name or 'none'}"


def language_metrics(
    scores: Mapping[str, Mapping[str, Any]], tasks: Iterable[Task]
) -> dict[str, dict[str, Any]]:
    """Value and standard error of each benchmark in one language.

    ``scores`` maps benchmarks to results of icr.evaluation.nlp.run.score_task. A standard error
    that the harness does not return is None.

    Raises InputError if a benchmark's metric is not among its results.
    """
    metrics = {}
    for task in tasks:
        score = scores[task.benchmark]
        key, error_key = metric_keys(task.metric)
        value = score["metrics"].get(key)
        if value is None:
            known = [k for k, v in score["metrics"].items() if "_stderr" not in k and v is not None]
            raise InputError(
                f"task '{task.name}' has no metric '{task.metric}'; it has "
                f"{', '.join(k.removesuffix(',none') for k in known) or 'none'}; set "
                f"evaluation.nlp.benchmarks.{task.benchmark}.metric"
            )
        metrics[task.benchmark] = {
            "value": value,
            "stderr": score["metrics"].get(error_key),
            "task": task.name,
            "metric": task.metric,
            "shots": score["shots"],
            "substitute": task.substitute,
            "n": score["n"],
        }
    return metrics
