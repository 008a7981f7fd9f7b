"""Print what decides whether jobs run again, as JSON: by configuration, the jobs of its plan.

Takes configuration files, and runs in a copy of the project. A job is listed under its first
output: its rule, and its inputs and parameters as Snakemake compares them.
"""

import contextlib
import io
import json
import sys
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.settings.enums import Quietness
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings


def planned(file):
    """The jobs of a configuration's plan."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            ResourceSettings(cores=1),
            ConfigSettings(configfiles=[Path(file)]),
            snakefile=Path("Snakefile"),
        )
        with contextlib.redirect_stdout(io.StringIO()):  # the API builds the DAG for a summary
            workflow.dag(DAGSettings()).summary()
        dag, persistence = workflow._workflow.dag, workflow._workflow.persistence
        return {
            job.output[0]: [job.rule.name, persistence._input(job), persistence._params(job)]
            for job in dag.jobs
            if job.output
        }


if __name__ == "__main__":
    print(json.dumps({file: planned(file) for file in sys.argv[1:]}))
