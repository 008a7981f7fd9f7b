"""Works around a bug in Snakemake 9.27: missing results downstream of a rerun are not planned.

Downstream of a job that reruns, Snakemake checks no job for other reasons to run: it expects all
of them to follow. But a job that depends on it only through ``ancient`` inputs is not rerun, so its
missing results were planned only by a second start. Snakemake's issue 4166 is similar.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

Dependents = Mapping[Any, Mapping[Any, Any]]
"""By job, the jobs that read its files, each with those files."""


def plan_behind_ancient(dag: Any) -> None:
    """Let a DAG check each job that depends on others only through ``ancient`` inputs."""
    update, whole = dag.update_needrun, dag.bfs

    async def update_needrun(*arguments: Any, **options: Any) -> None:
        dag.bfs = following
        try:
            await update(*arguments, **options)
        finally:
            dag.bfs = whole

    dag.update_needrun = update_needrun


def following(dependents: Dependents, *jobs: Any) -> Iterator[Any]:
    """The jobs, and all that rerun because of them: not by way of ``ancient`` inputs alone.

    Replaces ``DAG.bfs`` where Snakemake looks for jobs that need no check.
    """
    queue, visited = deque(jobs), set(jobs)
    while queue:
        job = queue.popleft()
        yield job
        for reader, files in dependents[job].items():
            if reader not in visited and not all(file.is_ancient for file in files):
                visited.add(reader)
                queue.append(reader)
