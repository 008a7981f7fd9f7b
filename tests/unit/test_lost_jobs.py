"""No job is lost when SLURM does not answer."""

import asyncio
from types import SimpleNamespace

from icr.cluster.lost_jobs import watch_lost_jobs


class Executor:
    """The plugin's behaviour: a failed check passes nothing on and reports nothing."""

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


def left(executor, jobs):
    """Jobs that a check passes on."""

    async def collect():
        return [job async for job in executor.check_active_jobs(jobs)]

    return asyncio.run(collect())


def test_jobs_outlive_a_check_that_failed():
    executor = Executor()
    watch_lost_jobs(executor, gone=set)
    executor.answers = False
    assert left(executor, JOBS) == JOBS and executor.reported == []
    executor.answers = True
    assert left(executor, JOBS) == JOBS[2:] and executor.reported == ["1", "2"]
    assert left(executor, JOBS[2:]) == JOBS[2:], "what ended is not asked about again"


def test_a_job_that_stays_preempted_is_reported_once():
    executor, told = Executor(), [{"3"}, set(), {"3", "4"}, {"3"}, set()]
    watch_lost_jobs(executor, gone=lambda: told.pop(0))
    for _ in range(3):
        assert left(executor, JOBS[2:]) == JOBS[2:], "SLURM may have put it back into the queue"
    assert left(executor, JOBS[2:]) == JOBS[3:] and executor.reported == ["3"]
    assert left(executor, JOBS[3:]) == JOBS[3:] and executor.reported == ["3"]
