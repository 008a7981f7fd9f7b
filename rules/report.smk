# Figures and the run's summary, from small metric files alone.
PAIRED = {p: s.settings.languages for p, s in dag.iterations.items()}
TRAINED = [*ALIGNED, *dag.iterations]


localrules:
    figure_pairs,
    figure_training,
    summary,


rule figure_pairs:
    input:
        [f"{RESULTS}/pairs/{p}/{la}.json" for p, languages in PAIRED.items() for la in languages],
    output:
        alpha=multiext(RESULTS + "/figures/alpha", ".pdf", ".png"),
        rewards=multiext(RESULTS + "/figures/rewards", ".pdf", ".png"),
    params:
        code=code("figure_pairs"),
        policies=PAIRED,
    log:
        LOGS + "/figures/pairs.log",
    conda:
        "../envs/report.yaml"
    script:
        "../scripts/figure_pairs.py"


rule figure_training:
    input:
        [f"{RESULTS}/training/{policy}.csv" for policy in TRAINED],
    output:
        multiext(RESULTS + "/figures/training", ".pdf", ".png"),
    params:
        code=code("figure_training"),
        policies=TRAINED,
    log:
        LOGS + "/figures/training.log",
    conda:
        "../envs/report.yaml"
    script:
        "../scripts/figure_training.py"


rule summary:
    input:
        pairs=rules.figure_pairs.input,
        training=[f"{RESULTS}/training/{policy}.json" for policy in TRAINED],
        figures=[*rules.figure_pairs.output, *rules.figure_training.output, *demo_figures()],
    output:
        RESULTS + "/summary.md",
    params:
        code=code("summary"),
        policies=PAIRED,
        trained=TRAINED,
        benchmarks=BENCHMARKS,
    log:
        LOGS + "/summary.log",
    conda:
        "../envs/report.yaml"
    script:
        "../scripts/summary.py"
