# `why` explains which jobs would run again; `accept` keeps results after a harmless change. Both
# start Snakemake themselves, so they are handover rules, like `plan` (rules/cluster.smk).


localrules:
    why,
    accept,


# The files and settings of this process, for the one that it starts.
ARGUMENTS = {
    "snakefile": workflow.main_snakefile,
    "files": [str(path) for path in workflow.configfiles],
    "changes": dict(workflow.config_settings.config),
    "stage": STAGE,
}


rule why:
    log:
        paths.log("why"),
    handover: True
    resources:
        gpu=0,
    params:
        **ARGUMENTS,
        accept=False,
    script:
        "../scripts/reruns.py"


rule accept:
    log:
        paths.log("accept"),
    handover: True
    resources:
        gpu=0,
    params:
        **ARGUMENTS,
        accept=True,
    script:
        "../scripts/reruns.py"
