# Where the results come from, and the report: from small files alone.
PAIRED = {p: s.settings.languages for p, s in dag.iterations.items()}
PAIR_SUMMARIES = [
    f"{RESULTS}/pairs/{p}/{la}.json"
    for p, languages in PAIRED.items()
    for la in languages
]
TRAINED = [*ALIGNED, *dag.trained]
# Tables that some evaluation of this run, or its settings, fill.
FILLED = [
    f"{RESULTS}/tables/table{number}.md"
    for number, table in DESCRIPTION.tables.items()
    if table.settings or metric_files(table, PLANS[number], MEASURED)
]
ANSWERS = dag.answers(XALPACAEVAL)
GPUS = dag.gpus_held()


localrules:
    provenance,
    report,


rule provenance:
    input:
        models=[dag.model_folder(name) for name in dag.models],
        policies=[dag.model_folder(policy) for policy in dag.trained],
        training=[f"{RESULTS}/training/{policy}.json" for policy in TRAINED],
        data=dag.text_files(),
        metrics=MEASURED,
    output:
        config=f"{RESULTS}/config.yaml",
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{LOGS}/provenance.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("provenance"),
        models=dag.models,
        policies=dag.trained,
        trained=TRAINED,
    script:
        "../scripts/provenance.py"


rule report:
    input:
        template=relpath(f"{workflow.basedir}/scripts/icr/report/template.html.j2"),
        config=rules.provenance.output.config,
        provenance=rules.provenance.output.provenance,
        pairs=PAIR_SUMMARIES,
        training=[f"{RESULTS}/training/{policy}.json" for policy in TRAINED],
        metrics=MEASURED,
        tables=FILLED,
        claims=rules.claims.output if CLAIMED else [],
        answers=list(ANSWERS.values()),
        figures=[path for name in FILLED_FIGURES for path in pictures(name)],
    output:
        f"{RESULTS}/report.html",
    log:
        f"{LOGS}/report.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("report", languages=lambda w: settings.experiments["main"].languages),
        lineages={name: dag.lineage(name) for name in settings.experiments},
        answers=list(ANSWERS),
        benchmarks=BENCHMARKS,
        gpus=GPUS,
    script:
        "../scripts/report.py"
