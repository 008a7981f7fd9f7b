# Figures and the run's summary, from small metric files alone.
PAIRED = {p: s.settings.languages for p, s in dag.iterations.items()}
TRAINED = [*ALIGNED, *dag.iterations]


localrules:
    figure_pairs,
    figure_training,
    summary,


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


rule summary:
    input:
        pairs=rules.figure_pairs.input,
        training=[f"{RESULTS}/training/{policy}.json" for policy in TRAINED],
        figures=[
            *rules.figure_pairs.output,
            *rules.figure_training.output,
            *(rules.figure_scores.output.figure if MINIATURE else []),
        ],
    output:
        f"{RESULTS}/summary.md",
    log:
        f"{LOGS}/summary.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("summary"),
        policies=PAIRED,
        trained=TRAINED,
        benchmarks=BENCHMARKS,
    script:
        "../scripts/summary.py"
