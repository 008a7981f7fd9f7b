"""From the log events of Snakemake to the lines that a run shows."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from icr.terminal.causes import cause
from icr.terminal.lines import job_name, reason_text, stage_counts
from icr.terminal.progress import Job, RunProgress, duration

UNTOLD = re.compile(
    r"Building DAG of jobs|Using shell|Provided (cores|remote nodes|resources)"
    r"|Rules claiming more threads|Select jobs to execute|Execute \d+ jobs"
    r"|Conda environments: ignored|Singularity containers: ignored|Removing output files of failed"
    r"|Elapsed time|Reasons:|Shutting down, this might|Complete log|Cleaning up SLURM log"
    r"|Job \d+ has been submitted|Handing over execution|Exiting because a job execution failed"
    r"|(WorkflowError:\s*)?At least one job did not complete"
)
"""Messages of Snakemake that say nothing that another line does not say better."""
FAILED_COMMAND = re.compile(r"(RuleException:\s*)?CalledProcessError in file ")
"""The command line of a failed job, which the job's own error follows."""
INTERRUPT = "Terminating processes on user request"
REQUEUED = re.compile(r"Trying to restart job (\d+)")


def _is_failed_command(record: logging.LogRecord) -> bool:
    """Whether a record only repeats the command of a job that failed."""
    return bool(FAILED_COMMAND.match(str(record.msg)))


class Events:
    """Turns records into lines, and keeps the progress of the run.

    ``stages`` holds the stage of each rule. Dry runs show each job with its reason.
    """

    def __init__(self, stages: Mapping[str, str], dry_run: bool, now: float) -> None:
        self.stages, self.dry_run = stages, dry_run
        self.run = RunProgress(started=now)
        self.names: dict[int, str] = {}
        self.planned: dict[str, int] = {}
        self.failed: set[int] = set()
        self.interrupted = False

    def lines(self, record: logging.LogRecord, now: float) -> list[str]:
        """The lines to show for a record; most records only change the progress."""
        if self.interrupted:
            return []
        event = getattr(record, "event", None)
        tell = getattr(self, f"_{event}", None) if event else self._message
        lines: list[str] = tell(record, now) if tell else []
        return lines

    def _run_info(self, record: Any, now: float) -> list[str]:
        """The number of jobs. A dry run reports it before and after its jobs."""
        jobs = {rule: number for rule, number in record.stats.items() if rule != "total"}
        if self.dry_run and not self.planned:
            self.planned = jobs
            return []
        self.run.waiting.update(jobs)
        self.run.total, self.run.started = sum(jobs.values()), now
        head = "jobs" if self.dry_run else "steps"
        return [f"{self.run.total} {head}: {stage_counts(jobs, self.stages)}"]

    def _job_info(self, record: Any, now: float) -> list[str]:
        name = job_name(record.rule_name, record.wildcards or {})
        if self.dry_run:
            return [f"{name}: {reason_text(record.reason)}"]
        self.names[record.jobid] = name
        self.run.running[record.jobid] = Job(record.rule_name, name, now)
        return []

    def _job_finished(self, record: Any, now: float) -> list[str]:
        self.failed.discard(record.job_id)
        self.run.finish(record.job_id, now)
        return []

    def _progress(self, record: Any, now: float) -> list[str]:
        self.run.done, self.run.total = record.done, record.total
        if record.done < record.total:
            return []
        return [f"Done: {record.total} steps in {duration(now - self.run.started)}."]

    def _job_error(self, record: Any, now: float) -> list[str]:
        """The name of the failed job, what SLURM says, the cause, and the logs."""
        self.run.running.pop(record.jobid, None)
        self.failed.add(record.jobid)
        message = re.sub(r"For further error details.*", "", record.rule_msg or "").strip()
        logs = list(record.log)
        told = [*filter(None, [message]), *cause(logs)] or ["its log says nothing"]
        name = self.names.get(record.jobid, record.rule_name)
        return [f"Failed: {name}", *(f"  {line}" for line in told), *(f"  log: {x}" for x in logs)]

    def _error(self, record: Any, now: float) -> list[str]:
        if getattr(record, "exception", "") == "KeyboardInterrupt":
            return self._stop()
        return [] if _is_failed_command(record) else self._message(record, now)

    def _message(self, record: Any, now: float) -> list[str]:
        """A record without an event: Snakemake's own text, unless it is untold."""
        text = str(record.msg or "")
        if text.startswith(INTERRUPT):
            return self._stop()
        if requeued := REQUEUED.match(text):
            job = int(requeued[1])
            return [f"  started again: {self.names.get(job, f'job {job}')}"]
        if text.startswith("Exiting because a job execution failed"):
            return [self._failures()]
        return [] if not text.strip() or UNTOLD.match(text) else text.rstrip().splitlines()

    def _failures(self) -> str:
        jobs = "1 job" if len(self.failed) == 1 else f"{len(self.failed)} jobs"
        return (
            f"{jobs} failed, {self._steps()}. Fix the cause, then start again: "
            "finished steps are kept."
        )

    def _stop(self) -> list[str]:
        self.interrupted = True
        return [f"Interrupted: {self._steps()}. The same command continues."]

    def _steps(self) -> str:
        return f"{self.run.done} of {self.run.total} steps are done"
