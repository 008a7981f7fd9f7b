# The plan of a run and its costs; judges that the submitting host asks.
from icr.evaluation.judged import JUDGED, section_key
from icr.workflow.sources import sources

# Compute nodes may have no network, so external judges are queried from the submitting host. So is
# the oracle, which takes a second.
for name in JUDGED:
    if evaluation := evaluations.section(name):
        judge = settings.judges[evaluation.judge]
        if judge.api or judge.oracle:
            workflow.localrules(f"{section_key(name)}_judge")


localrules:
    plan,


# A handover rule runs here, in the environment of this process: it starts Snakemake itself. Without
# resources of its own it would request all there are.
rule plan:
    log:
        paths.log("plan"),
    handover: True
    resources:
        gpu=0,
    params:
        # The dry runs use the same files and settings as this process.
        snakefile=workflow.main_snakefile,
        files=[str(path) for path in workflow.configfiles],
        changes=dict(workflow.config_settings.config),
        sources=lambda w: [*rivals.lines(), *sources(jobs.work)],
    script:
        "../scripts/plan.py"
