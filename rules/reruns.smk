# `why` explains which jobs would run again; `accept` keeps results after a harmless change.
from icr.workflow import reruns


localrules:
    why,
    accept,


# The files and settings of this process.
ARGUMENTS = {
    "script": f"{workflow.basedir}/scripts/reruns.py",
    "snakefile": workflow.main_snakefile,
    "files": [str(path) for path in workflow.configfiles],
    "changes": dict(workflow.config_settings.config),
    "stage": STAGE,
}


rule why:
    log:
        paths.log("why"),
    params:
        arguments=ARGUMENTS,
    run:
        reruns.show(log[0], accept=False, **params.arguments)


rule accept:
    log:
        paths.log("accept"),
    params:
        arguments=ARGUMENTS,
    run:
        reruns.show(log[0], accept=True, **params.arguments)
