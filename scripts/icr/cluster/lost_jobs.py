"""Workarounds for a SLURM executor that loses its jobs and then waits for ever.

Version 2.8.0 of the executor plugin forgets every job of a status check if all attempts at the
check fail because the controller does not answer. It also leaves the restart of a preempted job
to SLURM, even if SLURM has cancelled the job (``PreemptMode=CANCEL``).
"""

import subprocess
from collections.abc import AsyncIterator, Callable
from typing import Any


def preempted() -> set[str]:
    """SLURM ids of the user's jobs that are preempted and not queued again."""
    command = ["squeue", "--me", "--noheader", "--states=PREEMPTED", "--format=%A"]
    squeue = subprocess.run(command, capture_output=True, text=True)
    return set(squeue.stdout.split())


def watch_lost_jobs(executor: Any, gone: Callable[[], set[str]] = preempted) -> None:
    """Have ``executor`` check a job again if a status check returned nothing about it.

    Jobs are identified by their SLURM id. A status check yields the running jobs and reports the
    ended ones; jobs that are neither are yielded too. A job that is ``gone`` at two consecutive
    checks is reported as failed, so that it is submitted again.
    """
    check_jobs = executor.check_active_jobs
    ended: set[str] = set()
    gone_now: set[str] = set()

    def recording(report: Any) -> Any:
        def recorded(job: Any, *arguments: Any, **options: Any) -> Any:
            ended.add(job.external_jobid)
            return report(job, *arguments, **options)

        return recorded

    async def check_all(active: list[Any]) -> AsyncIterator[Any]:
        nonlocal gone_now
        gone_now, gone_before = gone(), gone_now
        lost = gone_now & gone_before
        running = set()
        async for job in check_jobs([job for job in active if job.external_jobid not in lost]):
            running.add(job.external_jobid)
            yield job
        for job in active:
            if job.external_jobid in running | ended:
                continue
            if job.external_jobid in lost:
                executor.report_job_error(job, msg="SLURM preempted the job and cancelled it.")
            else:
                yield job

    for name in ("report_job_success", "report_job_error"):
        setattr(executor, name, recording(getattr(executor, name)))
    executor.check_active_jobs = check_all
