# Why jobs would run again, and taking results as they are after a change that means nothing.
from snakemake.settings.enums import RerunTrigger


localrules:
    why,
    accept,


rule why:
    params:
        # As this start was told.
        snakefile=workflow.main_snakefile,
        files=[str(path) for path in workflow.configfiles],
        changes=dict(workflow.config_settings.config),
        triggers={RerunTrigger.MTIME, RerunTrigger.INPUT, RerunTrigger.PARAMS},
        stage=STAGE,
        accept=False,
    script:
        "../scripts/reruns.py"


use rule why as accept with:
    params:
        snakefile=workflow.main_snakefile,
        files=[str(path) for path in workflow.configfiles],
        changes=dict(workflow.config_settings.config),
        triggers={RerunTrigger.MTIME, RerunTrigger.INPUT, RerunTrigger.PARAMS},
        stage=STAGE,
        accept=True,
