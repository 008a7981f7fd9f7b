# Figures, where the results come from, and the report: from small files alone.
IMPLICIT = {p: policies.iterations[p].settings.languages for p in policies.implicit}
PAIR_SUMMARIES = reporting.pair_summaries()
TRAINED = reporting.trained()
ANSWERS = reporting.answers()
GPUS = reporting.gpus_held()


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
        [path for (policy, _), path in PAIR_SUMMARIES.items() if policy in IMPLICIT],
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
        expand(paths.training_curves, policy=TRAINED),
    output:
        multiext(f"{RESULTS}/figures/training", ".pdf", ".png"),
    log:
        f"{LOGS}/figures/training.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("figure_training"),
        policies=list(TRAINED),
    script:
        "../scripts/figure_training.py"


rule provenance:
    input:
        models=[policies.folder(name) for name in policies.needed_models],
        policies=[policies.folder(policy) for policy in policies.trained],
        training=TRAINED.values(),
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
        code=code("provenance"),
        models=policies.needed_models,
        policies=policies.trained,
        trained=list(TRAINED),
    script:
        "../scripts/provenance.py"


# Of what was judged, else of what was sampled.
rule figure_lengths:
    input:
        pairs=PAIR_SUMMARIES.values(),
        metrics=evaluations.xalpacaeval.metrics.values(),
    output:
        multiext(f"{RESULTS}/figures/lengths", ".pdf", ".png"),
    log:
        f"{LOGS}/figures/lengths.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("figure_lengths"),
        lineages={name: policies.lineage(name) for name in settings.experiments},
    script:
        "../scripts/figure_lengths.py"


# Where the pairs of an iteration were judged, and the policy trained on them too.
rule figure_accuracy:
    input:
        accuracy=[path for path, _ in evaluations.judged_twice.values()],
        win_rate=[path for _, path in evaluations.judged_twice.values()],
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
        paths.provenance,
    output:
        multiext(f"{RESULTS}/figures/costs", ".pdf", ".png"),
    log:
        f"{LOGS}/figures/costs.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("figure_costs"),
        benchmarks=paths.benchmarks,
        gpus=GPUS,
    script:
        "../scripts/figure_costs.py"


rule report:
    input:
        template=relpath(f"{workflow.basedir}/scripts/icr/report/template.html.j2"),
        config=paths.config,
        provenance=paths.provenance,
        pairs=PAIR_SUMMARIES.values(),
        training=TRAINED.values(),
        metrics=evaluations.measured.values(),
        tables=expand(paths.table, number=tables.filled, kind="md"),
        claims=[paths.claims] if tested.claims else [],
        answers=list(ANSWERS.values()),
        figures=[
            *(rules.figure_pairs.output if IMPLICIT else []),
            *(rules.figure_training.output if TRAINED else []),
            *(rules.figure_scores.output.figure if policies.facts else []),
            *(rules.figure_nlp.output if evaluations.nlp.metrics else []),
            *(rules.figure_xalpacaeval.output if reporting.judged_signs() else []),
            *(rules.figure_mtbench.output if evaluations.mtbench.metrics else []),
            *(
                rules.figure_reward_accuracy.output
                if evaluations.reward_accuracy.metrics
                else []
            ),
            *rules.figure_lengths.output,
            *(rules.figure_accuracy.output if evaluations.judged_twice else []),
            *rules.figure_costs.output,
            *FIGURES_FILLED,
        ],
    output:
        paths.report,
    log:
        paths.log(paths.report),
    conda:
        "../envs/report.yaml"
    params:
        code=code("report", languages=lambda w: settings.experiments["main"].languages),
        lineages={name: policies.lineage(name) for name in settings.experiments},
        answers=list(ANSWERS),
        pairs=list(PAIR_SUMMARIES),
        trained=list(TRAINED),
        metrics=list(evaluations.measured),
        tables=[f"table{number}" for number in tables.filled],
        run=settings.run,
        benchmarks=paths.benchmarks,
        gpus=GPUS,
    script:
        "../scripts/report.py"
