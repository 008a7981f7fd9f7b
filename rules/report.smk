# Figures, where the results come from, and the report: from small files alone.
PAIRED = {p: s.settings.languages for p, s in dag.iterations.items()}
IMPLICIT = {p: PAIRED[p] for p in dag.implicit}
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
ACCURACY = dag.judged_twice(MEASURED)
GPUS = dag.gpus_held()


localrules:
    figure_pairs,
    figure_training,
    figure_lengths,
    figure_accuracy,
    figure_costs,
    provenance,
    report,


rule figure_pairs:
    input:
        [
            f"{RESULTS}/pairs/{p}/{la}.json"
            for p, languages in IMPLICIT.items()
            for la in languages
        ],
    output:
        alpha=multiext(f"{RESULTS}/figures/alpha", ".pdf", ".png"),
        rewards=multiext(f"{RESULTS}/figures/rewards", ".pdf", ".png"),
    log:
        f"{LOGS}/figures/pairs.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("figure_pairs"),
        policies=IMPLICIT,
    script:
        "../scripts/figure_pairs.py"


rule figure_training:
    input:
        [f"{RESULTS}/training/{policy}.csv" for policy in TRAINED],
    output:
        multiext(f"{RESULTS}/figures/training", ".pdf", ".png"),
    log:
        f"{LOGS}/figures/training.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("figure_training"),
        policies=TRAINED,
    script:
        "../scripts/figure_training.py"


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


# Of what was judged, else of what was sampled.
rule figure_lengths:
    input:
        pairs=PAIR_SUMMARIES,
        metrics=[path for path in XALPACAEVAL if path in MEASURED],
    output:
        multiext(f"{RESULTS}/figures/lengths", ".pdf", ".png"),
    log:
        f"{LOGS}/figures/lengths.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("figure_lengths"),
        lineages={name: dag.lineage(name) for name in settings.experiments},
    script:
        "../scripts/figure_lengths.py"


# Where the pairs of an iteration were judged, and the policy trained on them too.
rule figure_accuracy:
    input:
        accuracy=[path for path, _ in ACCURACY],
        win_rate=[path for _, path in ACCURACY],
    output:
        multiext(f"{RESULTS}/figures/accuracy", ".pdf", ".png"),
    log:
        f"{LOGS}/figures/accuracy.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("figure_accuracy"),
    script:
        "../scripts/figure_accuracy.py"


# Benchmark files are no inputs: the figure waits for the record of a finished run.
rule figure_costs:
    input:
        rules.provenance.output.provenance,
    output:
        multiext(f"{RESULTS}/figures/costs", ".pdf", ".png"),
    log:
        f"{LOGS}/figures/costs.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("figure_costs"),
        benchmarks=BENCHMARKS,
        gpus=GPUS,
    script:
        "../scripts/figure_costs.py"


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
        figures=[
            *(rules.figure_pairs.output if IMPLICIT else []),
            *(rules.figure_training.output if TRAINED else []),
            *(rules.figure_scores.output.figure if MINIATURE else []),
            *(rules.figure_nlp.output if NLP else []),
            *(rules.figure_xalpacaeval.output if X_DRAWN else []),
            *(rules.figure_mtbench.output if MTBENCH else []),
            *(rules.figure_reward_accuracy.output if REWARD_ACCURACY else []),
            *rules.figure_lengths.output,
            *(rules.figure_accuracy.output if ACCURACY else []),
            *rules.figure_costs.output,
            *FIGURES_FILLED,
        ],
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
