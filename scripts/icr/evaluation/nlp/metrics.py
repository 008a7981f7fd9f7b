"""From the harness's scores to the small metric file of a policy in a language."""

from collections.abc import Iterable, Mapping
from typing import Any

from icr.errors import InputError
from icr.evaluation.nlp.tasks import Task


def metric_keys(metric: str) -> tuple[str, str]:
    """The harness's names of a metric and of its standard error."""
    name, _, filtered = metric.partition(",")
    return f"{name},{filtered or 'none'}", f"{name}_stderr,{filtered or 'none'}"


def language_metrics(
    scores: Mapping[str, Mapping[str, Any]], tasks: Iterable[Task]
) -> dict[str, dict[str, Any]]:
    """Value and standard error of each benchmark in one language.

    ``scores`` maps benchmarks to what icr.evaluation.nlp.run.score_task returned. A standard error
    that the harness does not give is null.

    Raises InputError if a benchmark's metric is not among its results.
    """
    found = {}
    for task in tasks:
        score = scores[task.benchmark]
        key, error_key = metric_keys(task.metric)
        value = score["metrics"].get(key)
        if value is None:
            known = [k for k, v in score["metrics"].items() if "_stderr" not in k and v is not None]
            raise InputError(
                f"task '{task.name}' gives no metric '{task.metric}'; it gives "
                f"{', '.join(k.removesuffix(',none') for k in known) or 'none'}: set "
                f"evaluation.nlp.benchmarks.{task.benchmark}.metric"
            )
        found[task.benchmark] = {
            "value": value,
            "stderr": score["metrics"].get(error_key),
            "task": task.name,
            "metric": task.metric,
            "shots": score["shots"],
            "substitute": task.substitute,
            "n": score["n"],
        }
    return found
