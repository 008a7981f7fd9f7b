"""A cure for a fault of Snakemake 9.27 that leaves missing results unplanned (its issue 4166).

Behind a job that runs again, Snakemake looks for no other reason to run a job: it expects all of
them to follow. A job that only an ``ancient`` input connects does not follow, so its missing
results were planned by the second start alone.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Dependents = Mapping[Any, Mapping[Any, Any]]
"""By job, the jobs that read its files, each with those files."""


def plan_behind_ancient(dag: Any) -> None:
    """Let a DAG check each job that follows others by ``ancient`` inputs alone."""
    update, whole = dag.update_needrun, dag.bfs

    async def update_needrun(*arguments: Any, **options: Any) -> None:
        dag.bfs = following
        try:
            await update(*arguments, **options)
        finally:
            dag.bfs = whole

    dag.update_needrun = update_needrun


def following(
    dependents: Dependents, *jobs: Any, stop: Callable[[Any], bool] = lambda job: False
) -> Iterator[Any]:
    """Jobs, and all that run again because of them: not those that read ``ancient`` inputs alone.

    Replaces ``DAG.bfs`` and takes its arguments.
    """
    queue, visited = deque(jobs), set(jobs)
    while queue:
        job = queue.popleft()
        if stop(job):
            continue
        yield job
        for reader, files in dependents[job].items():
            if reader not in visited and not all(file.is_ancient for file in files):
                visited.add(reader)
                queue.append(reader)
