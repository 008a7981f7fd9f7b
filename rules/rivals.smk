# The comparison of systems in one setting: a table and a figure, together `snakemake rivals`. Its
# rows are the experiments that follow a registered system in main's setting (icr.workflow.rivals).
from dataclasses import asdict

RIVALS = (
    [
        *expand(paths.table, table=rivals.table.file, kind=TABLE_FORMATS),
        *(figure_files("figure_rivals") if rivals.metrics() else []),
    ]
    if rivals.compared
    else []
)

NO_RIVALS = (
    "this configuration has no two systems to compare: add an experiment such as `lacomsa` of "
    "config/config.yaml, with main's start, prompts and languages (docs/experiments.md)"
)


localrules:
    table_rivals,


rule table_rivals:
    input:
        metrics=rivals.metrics().values(),
        # The recorded hours of these policies are in the table.
        policies=[policies.folder(rival.policy) for rival in rivals.rivals],
    output:
        expand(paths.table, table=rivals.table.file, kind=TABLE_FORMATS),
    log:
        paths.log(f"tables/{rivals.table.file}"),
    conda:
        "../envs/report.yaml"
    params:
        code=fingerprint("rivals"),
        measured=list(rivals.metrics()),
        plan=rivals.plan(),
        table=asdict(rivals.table),
        beside=rivals.beside(),
    script:
        "../scripts/rivals.py"


rule rivals:
    input:
        lambda _: existing(RIVALS, NO_RIVALS),
