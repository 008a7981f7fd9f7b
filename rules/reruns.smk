# Why jobs would run again, and taking results as they are after a change that means nothing.
from icr.workflow import reruns


localrules:
    why,
    accept,


# As this start was told.
ASKED = {
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
        asked=ASKED,
    run:
        reruns.show(log[0], accept=False, **params.asked)


rule accept:
    log:
        paths.log("accept"),
    params:
        asked=ASKED,
    run:
        reruns.show(log[0], accept=True, **params.asked)
