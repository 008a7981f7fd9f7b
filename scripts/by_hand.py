"""Run the script of one job by hand, for debugging; its outputs go to a separate folder.

``python scripts/by_hand.py results/demo/pairs/main-1/es.parquet --configfile config/demo.yaml``
runs the script with the ``snakemake`` object of that file's job (docs/development.md).
"""

import argparse
import contextlib
import io
import os
import runpy
import shutil
import tempfile
from pathlib import Path

from snakemake.api import SnakemakeApi
from snakemake.exceptions import RuleException, WorkflowError
from snakemake.iocontainers import Log, OutputFiles, Params, Snakemake
from snakemake.settings.enums import Quietness
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings

from icr.storage import logs

SNAKEFILE = Path(__file__).resolve().parents[1] / "Snakefile"


def job_of(file, configfiles):
    """Snakemake's job that makes a file."""
    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            ResourceSettings(cores=os.cpu_count()),
            ConfigSettings(configfiles=[Path(path) for path in configfiles]),
            snakefile=SNAKEFILE,
        )
        workflow.dag(DAGSettings(targets={file}))
        with contextlib.redirect_stdout(io.StringIO()):  # a summary builds the DAG
            workflow._workflow.summary()
        return next(job for job in workflow._workflow.dag.jobs if file in job.output)


def redirected(job, out):
    """The script's ``snakemake`` object, with all paths that it writes below the folder ``out``."""
    config = dict(job.rule.workflow.config)

    def moved(path):
        return str(out / path.lstrip("/"))

    def param(value):
        # The script appends to the store of paid verdicts, so it gets a copy.
        if not (isinstance(value, str) and f"/{config['run']}/verdicts/" in value):
            return value
        if Path(value).is_file():
            Path(moved(value)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(value, moved(value))
        return moved(value)

    config["origins"] = {moved(path): origin for path, origin in config["origins"].items()}
    return Snakemake(
        job.input,
        OutputFiles(toclone=job.output, custom_map=moved),
        Params(toclone=job.params, custom_map=param),
        job.wildcards,
        job.threads,
        job.resources,
        Log(toclone=job.log, custom_map=moved),
        config,
        job.rule.name,
        None,
        str(SNAKEFILE.parent / "scripts"),
    )


def main():
    """Find the job, print its script and output folder, and run it in this process."""
    parser = argparse.ArgumentParser(description="Run the script of one job by hand.")
    parser.add_argument("file", help="a file or folder that the job makes")
    parser.add_argument("--configfile", nargs="+", default=[], help="as for snakemake")
    parser.add_argument("--out", type=Path, help="where outputs go; default: a fresh folder")
    arguments = parser.parse_args()
    file = os.path.relpath(arguments.file)
    try:
        job = job_of(file, arguments.configfile)
    except (RuleException, WorkflowError) as error:
        raise SystemExit(
            f"Error: {error}\nNo job for {file}: is --configfile that of its run?"
        ) from None
    if not job.rule.script:
        raise SystemExit(f"Error: {file} is made by rule {job.rule.name}, which has no script")
    if missing := [path for path in job.input if not Path(path).exists()]:
        raise SystemExit(
            f"Error: the job of {file} needs {missing[0]}, which does not exist "
            f"({len(missing)} of {len(job.input)} inputs are missing); make it with snakemake first"
        )
    out = (arguments.out or Path(tempfile.mkdtemp(prefix="by-hand-"))).resolve()
    if out == Path.cwd():
        raise SystemExit(f"Error: --out {out} is the folder of the run; choose another folder")
    script = (Path(job.rule.snakefile).parent / job.rule.script).resolve()
    snakemake = redirected(job, out)
    for path in snakemake.output:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    logs.log_to = lambda path: None  # a debugger needs the terminal
    print(f"{script.name} of rule {job.rule.name}; outputs go to {out}", flush=True)
    runpy.run_path(str(script), init_globals={"snakemake": snakemake}, run_name="__main__")
    print(*snakemake.output, sep="\n")


if __name__ == "__main__":
    main()
