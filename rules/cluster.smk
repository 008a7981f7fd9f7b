# The plan of a run before anything is spent, and what a killed start left in the queue.
import os
import shutil

from icr.cluster import plan as planned
from icr.cluster import run_lock
from icr.cluster.lost_jobs import watch_lost_jobs
from icr.evaluation.judged import JUDGED, section_key
from icr.tables.planned import keep_planned
from icr.workflow.sources import sources
from snakemake.settings.types import DeploymentMethod
from snakemake_interface_executor_plugins.settings import ExecMode

# What jobs on the cluster need was downloaded on the submitting host: they ask no hub.
if workflow.exec_mode == ExecMode.REMOTE:
    for hub in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[hub] = "1"


# A dry run and `plan` need no environment, but Snakemake asks conda about each of them. Where it is
# not installed, environments are left out here, and a start that needs one is stopped below.
deployment = workflow.deployment_settings
NO_CONDA = (
    workflow.exec_mode == ExecMode.DEFAULT
    and DeploymentMethod.CONDA in deployment.deployment_method
    and not shutil.which("conda")
)
if NO_CONDA:
    deployment.deployment_method -= {DeploymentMethod.CONDA}


# Nodes may reach no network, so judges elsewhere are asked from the submitting host. The oracle
# takes a second.
for name in JUDGED:
    if evaluation := evaluations.section(name):
        judge = settings.judges[evaluation.judge]
        if judge.api or judge.oracle:
            workflow.localrules(f"{section_key(name)}_judge")


localrules:
    plan,


rule plan:
    log:
        paths.log("plan"),
    params:
        # As this start was told; the dry runs are told the same.
        snakefile=workflow.main_snakefile,
        files=[str(path) for path in workflow.configfiles],
        changes=dict(workflow.config_settings.config),
        sources=lambda w: sources(jobs),
    run:
        planned.show(log[0], **dict(params.items()))


# After conda, in place of Snakemake's lock, which a killed start leaves behind; the profile switches
# that off.
onstart:
    # The limit on starts a second has Snakemake 9.27 look through all waiting jobs every second, once
    # for each job that has ended: after some hundred jobs that alone keeps a core busy.
    workflow.scheduler.job_rate_limiter = None
    deploys = any(job.conda_env_spec for job in workflow.dag.needrun_jobs())
    if NO_CONDA and deploys and not workflow.touch:
        raise WorkflowError(
            "conda is not on PATH, and each rule runs in a conda environment of its own "
            "(software-deployment-method, in the profile or as --sdm). Load or install conda, or "
            "take that setting away: every rule then runs in Snakemake's own environment."
        )
    if not workflow.touch:
        keep_planned(workflow.dag.needrun_jobs(), paths.benchmarks)
    executor = getattr(workflow.scheduler, "_executor", None)
    sends = any(
        not workflow.is_local(job.rule) for job in workflow.dag.needrun_jobs()
    )
    if sends and hasattr(executor, "run_uuid"):
        watch_lost_jobs(
            executor
        )  # the plugin loses jobs when the controller is away
        try:
            run_lock.begin(f".snakemake/starts/{settings.run}", executor.run_uuid)
        except InputError as error:
            raise WorkflowError(error) from None
