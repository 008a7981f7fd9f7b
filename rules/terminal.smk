# What the terminal shows. Snakemake's own messages are shown instead with any of its options
# --quiet, --verbose, --printshellcmds and --logger; they are always in .snakemake/log.
# A logger plugin would have to be installed where Snakemake runs; this needs no installation.
from pathlib import Path

from icr.terminal.handler import show_run
from snakemake.logging import logger
from snakemake_interface_executor_plugins.settings import ExecMode

if workflow.exec_mode == ExecMode.DEFAULT:
    output = workflow.output_settings
    if not (output.quiet or output.verbose or output.printshellcmds):
        stages = {
            defined.name: Path(defined.snakefile).stem.replace("_", " ")
            for defined in workflow.rules
        }
        show_run(logger, stages, output.dryrun)
