# Figures, where the results come from, and the report: from small files alone.
PAIRED = {p: s.settings.languages for p, s in dag.iterations.items()}
TRAINED = [*ALIGNED, *dag.iterations]
MEASURED = []
TABLES = []
# What the policies of main answered, side by side in the report.
ANSWERS = {
    (policy, la): dag.samples(policy, settings.experiments["main"], la)[0]
    for policy in dag.lineage("main")[1:-1]
    for la in settings.experiments["main"].languages
}
# GPUs that a job of a stage holds; other stages hold none.
GPUS = {
    **dict.fromkeys(["samples", "logprobs", "scores"], settings.compute.gpus),
    "training": settings.compute.training_processes if settings.compute.gpus else 0,
}


localrules:
    figure_pairs,
    figure_training,
    provenance,
    report,


rule figure_pairs:
    input:
        [
            f"{RESULTS}/pairs/{p}/{la}.json"
            for p, languages in PAIRED.items()
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
        policies=PAIRED,
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
        policies=[dag.model_folder(policy) for policy in dag.iterations],
        training=[f"{RESULTS}/training/{policy}.json" for policy in TRAINED],
        data=sorted(
            {
                dag.prompt_file(row.prompts.set, language)
                for row in settings.experiments.values()
                for language in {"en", *row.languages}
            }
        ),
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
        policies=list(dag.iterations),
        trained=TRAINED,
    script:
        "../scripts/provenance.py"


rule report:
    input:
        template=f"{workflow.basedir}/scripts/icr/report/template.html.j2",
        config=rules.provenance.output.config,
        provenance=rules.provenance.output.provenance,
        pairs=rules.figure_pairs.input,
        training=[f"{RESULTS}/training/{policy}.json" for policy in TRAINED],
        metrics=MEASURED,
        tables=TABLES,
        answers=list(ANSWERS.values()),
        figures=[
            *rules.figure_pairs.output,
            *rules.figure_training.output,
            *(rules.figure_scores.output.figure if MINIATURE else []),
        ],
    output:
        f"{RESULTS}/report.html",
    log:
        f"{LOGS}/report.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("report"),
        lineages={name: dag.lineage(name) for name in settings.experiments},
        answers=list(ANSWERS),
        benchmarks=BENCHMARKS,
        gpus=GPUS,
    script:
        "../scripts/report.py"
