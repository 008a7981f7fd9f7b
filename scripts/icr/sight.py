"""A cure for the SLURM executor losing sight of its jobs.

When all attempts of a status check fail, because the controller does not answer, version 2.8.0 of
the executor plugin forgets every job that it asked about, and Snakemake waits for ever.
"""

from collections.abc import AsyncIterator
from typing import Any


def keep_in_sight(executor: Any) -> None:
    """Have ``executor`` ask again about each job of which a check said nothing.

    Jobs are told apart by SLURM's number. A check passes on the jobs that still run, and reports
    those that ended; a job of neither kind is passed on too.
    """
    check = executor.check_active_jobs
    ended: set[str] = set()

    def noting(report: Any) -> Any:
        def noted(job: Any, *arguments: Any, **options: Any) -> Any:
            ended.add(job.external_jobid)
            return report(job, *arguments, **options)

        return noted

    async def checked(active: list[Any]) -> AsyncIterator[Any]:
        running = set()
        async for job in check(active):
            running.add(job.external_jobid)
            yield job
        for job in active:
            if job.external_jobid not in running | ended:
                yield job

    for name in ("report_job_success", "report_job_error"):
        setattr(executor, name, noting(getattr(executor, name)))
    executor.check_active_jobs = checked
