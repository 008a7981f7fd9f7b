# `why` explains which jobs would run again; `accept` keeps results after a harmless change.


# The files and settings of this process.
PLANNED = {
    "snakefile": workflow.main_snakefile,
    "files": [str(path) for path in workflow.configfiles],
    "changes": dict(workflow.config_settings.config),
    "stage": STAGE,
}


rule why:
    log:
        paths.log("why"),
    handover: True  # starts Snakemake itself, here
    resources:
        gpu=0,
    params:
        **PLANNED,
        accept=False,
    script:
        "../scripts/reruns.py"


rule accept:
    log:
        paths.log("accept"),
    handover: True  # starts Snakemake itself, here
    resources:
        gpu=0,
    params:
        **PLANNED,
        accept=True,
    script:
        "../scripts/reruns.py"
