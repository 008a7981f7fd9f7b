# The plan of a run before anything is spent, and what a killed start left in the queue.
import json
import os
import subprocess

from icr import plan as planned
from icr import starts
from snakemake_interface_executor_plugins.settings import ExecMode

# What jobs on the cluster need was downloaded on the submitting host: they ask no hub.
if workflow.exec_mode == ExecMode.REMOTE:
    for hub in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[hub] = "1"


# Nodes may reach no network, so judges elsewhere are asked from the submitting host.
for name in ("xalpacaeval", "mtbench", "reward_accuracy"):
    evaluation = getattr(settings.evaluation, name)
    if evaluation and settings.judges[evaluation.judge].api:
        workflow.localrules(f"{name}_judge")


def dry_run(*arguments):
    """What Snakemake would do for the whole run with this configuration."""
    files = [str(path) for path in workflow.configfiles]
    changes = [
        f"{key}={json.dumps(value)}"
        for key, value in workflow.config_settings.config.items()
    ]
    command = [sys.executable, "-m", "snakemake", "-n", "--nolock", *arguments]
    command += ["--snakefile", workflow.main_snakefile]
    command += ["--configfile", *files] if files else []
    command += ["--config", *changes] if changes else []
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise WorkflowError(done.stdout[-3000:] + done.stderr[-3000:])
    return planned.read(done.stdout + done.stderr)


localrules:
    plan,


rule plan:
    run:
        print(
            planned.text(dry_run("--forceall"), dry_run(), settings.compute.speed)
        )


# In place of Snakemake's lock, which a killed start leaves behind; the profile switches that off.
onstart:
    executor = getattr(workflow.scheduler, "_executor", None)
    sends = any(not workflow.is_local(job.rule) for job in workflow.dag.needrun_jobs())
    if sends and hasattr(executor, "run_uuid"):
        try:
            starts.begin(f".snakemake/starts/{settings.run}", executor.run_uuid)
        except InputError as error:
            raise WorkflowError(error) from None
