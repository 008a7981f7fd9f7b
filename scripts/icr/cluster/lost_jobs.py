"""Cures for the SLURM executor losing sight of its jobs, and then waiting for ever.

Version 2.8.0 of the executor plugin forgets every job that it asked about when all attempts of a
status check fail, because the controller does not answer. And it leaves it to SLURM to start a
preempted job again, also where SLURM cancelled it for good (``PreemptMode=CANCEL``).
"""

import subprocess
from collections.abc import AsyncIterator, Callable
from typing import Any


def preempted() -> set[str]:
    """Numbers of the user's jobs that SLURM shows as preempted and not as waiting again."""
    command = ["squeue", "--me", "--noheader", "--states=PREEMPTED", "--format=%A"]
    done = subprocess.run(command, capture_output=True, text=True)
    return set(done.stdout.split())


def watch_lost_jobs(executor: Any, gone: Callable[[], set[str]] = preempted) -> None:
    """Have ``executor`` ask again about each job of which a check said nothing.

    Jobs are told apart by SLURM's number. A check passes on the jobs that still run, and reports
    those that ended; a job of neither kind is passed on too. A job that is ``gone`` at two checks
    in a row is reported as failed, so that it is sent again.
    """
    check = executor.check_active_jobs
    ended: set[str] = set()
    before: set[str] = set()

    def noting(report: Any) -> Any:
        def noted(job: Any, *arguments: Any, **options: Any) -> Any:
            ended.add(job.external_jobid)
            return report(job, *arguments, **options)

        return noted

    async def checked(active: list[Any]) -> AsyncIterator[Any]:
        nonlocal before
        before, last = gone(), before
        running = set()
        async for job in check([job for job in active if job.external_jobid not in before & last]):
            running.add(job.external_jobid)
            yield job
        for job in active:
            if job.external_jobid in running | ended:
                continue
            if job.external_jobid in before & last:
                executor.report_job_error(job, msg="SLURM preempted the job and cancelled it.")
            else:
                yield job

    for name in ("report_job_success", "report_job_error"):
        setattr(executor, name, noting(getattr(executor, name)))
    executor.check_active_jobs = checked
