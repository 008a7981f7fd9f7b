"""No job is lost when SLURM does not answer."""

import asyncio
from types import SimpleNamespace

from icr.cluster.lost_jobs import watch_lost_jobs


class Executor:
    """Behaves like the plugin: a failed check yields no job and reports none."""

    def __init__(self):
        self.answers, self.reported = True, []

    def report_job_success(self, job):
        self.reported.append(job.external_jobid)

    def report_job_error(self, job, msg=""):
        self.reported.append(job.external_jobid)

    async def check_active_jobs(self, active):
        if not self.answers:
            return
        for job in active:
            if job.external_jobid == "1":
                self.report_job_success(job)
            elif job.external_jobid == "2":
                self.report_job_error(job, msg="failed")
            else:
                yield job


JOBS = [SimpleNamespace(external_jobid=str(number)) for number in range(1, 5)]


def still_active(executor, jobs):
    """Jobs that a check leaves active."""

    async def collect():
        return [job async for job in executor.check_active_jobs(jobs)]

    return asyncio.run(collect())


def test_jobs_survive_a_failed_check():
    executor = Executor()
    watch_lost_jobs(executor, gone=set)
    executor.answers = False
    assert still_active(executor, JOBS) == JOBS and executor.reported == []
    executor.answers = True
    assert still_active(executor, JOBS) == JOBS[2:] and executor.reported == ["1", "2"]
    assert still_active(executor, JOBS[2:]) == JOBS[2:], "finished jobs are not checked again"


def test_a_job_that_stays_preempted_is_reported_once():
    executor, gone = Executor(), [{"3"}, set(), {"3", "4"}, {"3"}, set()]
    watch_lost_jobs(executor, gone=lambda: gone.pop(0))
    for _ in range(3):
        assert still_active(executor, JOBS[2:]) == JOBS[2:], (
            "SLURM may have put it back into the queue"
        )
    assert still_active(executor, JOBS[2:]) == JOBS[3:] and executor.reported == ["3"]
    assert still_active(executor, JOBS[3:]) == JOBS[3:] and executor.reported == ["3"]
