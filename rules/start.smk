# The start of a run: its locks, tests of the requests, SLURM jobs that fail or are lost.
import atexit
import os
import shutil

from icr.cluster import run_lock
from icr.cluster.ancient_inputs import plan_behind_ancient
from icr.cluster.kills import tell_kills
from icr.cluster.lost_jobs import watch_lost_jobs
from icr.cluster.requests import account_option, check_requests
from icr.storage.files import remove_partial
from icr.storage.processes import SUBMITTER, end_with_submitter
from icr.tables.planned import keep_planned
from snakemake.settings.types import DeploymentMethod
from snakemake_interface_executor_plugins.settings import ExecMode

# Downloads run on the submitting host, so jobs on the cluster work offline.
if workflow.exec_mode == ExecMode.REMOTE:
    for variable in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "TRANSFORMERS_OFFLINE"):
        os.environ[variable] = "1"
    atexit.register(tell_kills)


# Jobs end with the Snakemake process that runs them (icr.storage.logs). A job with a `run` directive
# is a Snakemake process itself.
if workflow.exec_mode == ExecMode.SUBPROCESS:
    end_with_submitter()
os.environ[SUBMITTER] = str(os.getpid())


# The run lock replaces Snakemake's lock, which outlives a killed process. `onstart` takes it, so
# Snakemake's stays where there are no hooks. Its settings are not known here yet, and its graph is
# not yet planned.
READ_ONLY = {"plan", "why"}
prepare_dag = workflow._prepare_dag


def prepare(**options):
    execution = workflow.execution_settings
    if execution and not execution.no_hooks:
        options["nolock"] = True
    prepare_dag(**options)
    plan_behind_ancient(workflow.dag)


workflow._prepare_dag = prepare


def take_locks(needed, slurm_run):
    """Hold the locks of this start, and remove unfinished files that earlier starts left."""
    run_lock.begin(f".snakemake/starts/{settings.run}", slurm_run)
    outputs = [path for job in needed for path in job.output]
    run_lock.hold_shared(outputs)
    for path in outputs:
        remove_partial(path)


def watch_slurm(executor, submitted):
    """Test the requests of the jobs, then have no job lost and each failure explained."""
    # The plugin is installed where this is called.
    from snakemake_executor_plugin_slurm import get_submit_command, set_gres_string

    def command(job):
        params = {
            "run_uuid": "test",
            "slurm_logfile": os.devnull,
            "comment_str": "",
            "account": next(account_option(job)),
            "partition": executor.get_partition_arg(job),
            "workdir": workflow.workdir_init,
        }
        return get_submit_command(
            job, params, settings=workflow.executor_settings
        ) + set_gres_string(job)

    executor.get_account_arg = account_option
    check_requests(submitted, command)
    failures.watch(executor)
    watch_lost_jobs(executor)


# Dry runs and `plan` need no environments, but Snakemake queries conda for each. If conda is not
# installed, environments are disabled here, and `onstart` stops a run that needs them.
deployment = workflow.deployment_settings
NO_CONDA = (
    workflow.exec_mode == ExecMode.DEFAULT
    and DeploymentMethod.CONDA in deployment.deployment_method
    and not shutil.which("conda")
)
if NO_CONDA:
    deployment.deployment_method -= {DeploymentMethod.CONDA}


# Runs after the conda environments are created, before the first job.
onstart:
    # To limit job starts per second, Snakemake 9.27 checks all waiting jobs every second, once for
    # each finished job: after a few hundred jobs that alone keeps a core busy.
    workflow.scheduler.job_rate_limiter = None
    needed = list(workflow.dag.needrun_jobs())
    needs_conda = any(job.conda_env_spec for job in needed)
    if NO_CONDA and needs_conda and not workflow.touch:
        raise WorkflowError(
            "conda is not on PATH, but rules run in conda environments "
            "(software-deployment-method in the profile, or --sdm). Load or install conda, or "
            "remove that setting to run every rule in Snakemake's own environment."
        )
    executor = getattr(workflow.scheduler, "_executor", None)
    submitted = [job for job in needed if not workflow.is_local(job.rule)]
    on_slurm = bool(submitted) and hasattr(executor, "run_uuid")
    if not submitted and hasattr(executor, "wait_thread"):
        # Else the end waits for this thread to wake up for its first look at the queue.
        executor.wait_thread.join = lambda: None
    try:
        if any(job.rule.name not in READ_ONLY for job in needed):
            take_locks(needed, executor.run_uuid if on_slurm else None)
        if on_slurm:
            watch_slurm(executor, submitted)
    except InputError as error:
        raise WorkflowError(error) from None
    if not workflow.touch:
        keep_planned(needed, paths.benchmarks)
