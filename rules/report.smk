# The provenance record and the report, made from small files alone.
PAIR_SUMMARIES = reporting.pair_summaries()
TRAINING_SUMMARIES = reporting.trained()
ANSWERS = reporting.answers()
GPUS_HELD = reporting.gpus_held()
# CSV files of the numbers in figures, by the figure's name.
FIGURE_POINTS = {
    name.removeprefix("figure_"): row.table
    for name, row in {**RUN_FIGURES, **PAPER_FIGURES}.items()
    if name in FILLED_FIGURES and row.table
}
if rewardbench.metrics:
    FIGURE_POINTS["rewardbench"] = paths.rewardbench_table.format(kind="csv")
if rewardbench.bases:
    FIGURE_POINTS["representation"] = paths.representation_table.format(kind="csv")
SHOWN_TABLES = [*tables.filled, *([rivals.table.file] if rivals.compared else [])]


localrules:
    provenance,
    report,


rule provenance:
    input:
        models=[policies.folder(name) for name in policies.needed_models],
        policies=[policies.folder(policy) for policy in policies.trained],
        training=TRAINING_SUMMARIES.values(),
        data=reporting.text_files(),
        metrics=evaluations.measured.values(),
    output:
        config=paths.config,
        provenance=paths.provenance,
    log:
        paths.log(paths.provenance),
    conda:
        "../envs/report.yaml"
    params:
        code=fingerprint("provenance"),
        models=policies.needed_models,
        policies=policies.trained,
        trained=list(TRAINING_SUMMARIES),
    script:
        "../scripts/provenance.py"


rule report:
    input:
        template=relpath(f"{workflow.basedir}/scripts/icr/report/template.html.j2"),
        config=paths.config,
        provenance=paths.provenance,
        pairs=PAIR_SUMMARIES.values(),
        training=TRAINING_SUMMARIES.values(),
        metrics=evaluations.measured.values(),
        tables=expand(paths.table, table=SHOWN_TABLES, kind="json"),
        claims=[paths.claims] if testable_claims.claims else [],
        answers=list(ANSWERS.values()),
        figures=[path for name in FILLED_FIGURES for path in figure_files(name)],
        points=list(FIGURE_POINTS.values()),
        facts=policies.world,
    output:
        paths.report,
    log:
        paths.log(paths.report),
    conda:
        "../envs/report.yaml"
    params:
        code=fingerprint(
            "report", languages=lambda w: settings.experiments["main"].languages
        ),
        lineages={name: policies.lineage(name) for name in settings.experiments},
        answers=list(ANSWERS),
        preference=reporting.preference(),
        pairs=list(PAIR_SUMMARIES),
        trained=list(TRAINING_SUMMARIES),
        metrics=list(evaluations.measured),
        points=list(FIGURE_POINTS),
        labels=tables.row_labels(),
        run=settings.run,
        benchmarks=paths.benchmarks,
        failures=paths.failures,
        gpus=GPUS_HELD,
        averages=reporting.averages(),
        captions=reporting.captions(),
    script:
        "../scripts/report.py"
