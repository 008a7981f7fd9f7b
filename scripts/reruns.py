"""Print which jobs would rerun and why, or accept their results as they are (rules/reruns.smk)."""

import contextlib
import io
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.exceptions import WorkflowError
from snakemake.settings.enums import Quietness, RerunTrigger
from snakemake.settings.types import (
    ConfigSettings,
    DAGSettings,
    OutputSettings,
    ResourceSettings,
)

from icr.errors import InputError
from icr.storage.logs import fail, to_terminal
from icr.workflow.fingerprint import records
from icr.workflow.reruns import CODE, Job, accepted, explanation, of_stage

TRIGGERS = {RerunTrigger.MTIME, RerunTrigger.INPUT, RerunTrigger.PARAMS}
"""The same as in the profiles."""
request = snakemake.params


def described(job, dag, persistence):
    """Snakemake's job as a :class:`Job` of the library."""
    reason, output = dag.reason(job), [f for f in job.output if persistence.metadata(f)]
    names = {repr(value): name for name, value in job.params.items()}
    return Job(
        file=job.output[0],
        rule=job.rule.name,
        stage=Path(job.rule.snakefile).stem,
        runs=dag.needrun(job),
        before=persistence.params(output[0]) if output else None,
        now={text: names.get(text, "a setting") for text in persistence._params(job)},
        inputs_before=persistence.input(output[0]) if output else [],
        inputs_now=persistence._input(job),
        newer=sorted(reason.updated_input - reason.updated_input_run),
        missing=bool(reason.missing_output),
    )


def accept(job, persistence):
    """Record the current parameters with a job's results; the rest of the record is unchanged."""
    for file in job.output:
        if record := persistence.metadata(file):
            record.params = persistence._params(job)
            persistence._write_record(persistence._get_key(file), record)
    records.keep(job.params.get(CODE))


def answer():
    """The answer to the user."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        files = [Path(path) for path in request.files]
        workflow = api.workflow(
            ResourceSettings(cores=1),
            ConfigSettings(config=request.changes, configfiles=files),
            snakefile=Path(request.snakefile),
        )
        with contextlib.redirect_stdout(io.StringIO()):  # the API builds the DAG for a summary
            workflow.dag(DAGSettings(rerun_triggers=TRIGGERS)).summary()
        dag, persistence = workflow._workflow.dag, workflow._workflow.persistence
        jobs = {job.output[0]: job for job in dag.jobs if job.output}
        every_job = [described(job, dag, persistence) for job in jobs.values()]
        selected = of_stage(every_job, request.stage)
        if not request.accept:
            return explanation(selected, records.changed)
        selected = [job for job in selected if job.changed]
        for job in selected:
            accept(jobs[job.file], persistence)
        return accepted(selected, records.changed)


log = Path(snakemake.log[0])
to_terminal()
try:
    text = answer()
except (InputError, WorkflowError) as error:
    fail(log, error)
log.write_text(f"{text}\n", encoding="utf-8")
print(text)
