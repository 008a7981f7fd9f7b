# The miniature world: its model, its questions, and the oracle that knows the answers.
FACTS = {n: m.source.miniature for n, m in settings.models.items() if n in MINIATURE}


rule miniature_model:
    input:
        lambda w: FACTS[w.model],
    output:
        directory(RESULTS + "/models/{model}"),
    wildcard_constraints:
        model=one_of(MINIATURE),
    params:
        code=code("miniature_model"),
        sft=lambda w: settings.models[w.model].source.model_dump(exclude={"miniature"}),
        seed=settings.seed,
    log:
        LOGS + "/models/{model}.log",
    benchmark:
        BENCHMARKS + "/models/{model}.tsv"
    conda:
        "../envs/training.yaml"
    script:
        "../scripts/miniature_model.py"


rule miniature_prompts:
    input:
        lambda w: QUESTIONS[w.prompts].source.miniature,
    output:
        "resources/prompts/{prompts}/{language}.jsonl",
    wildcard_constraints:
        prompts=one_of(QUESTIONS),
    params:
        code=code("miniature_prompts"),
        language="{language}",
    log:
        "resources/logs/prompts/{prompts}/{language}.log",
    conda:
        "../envs/training.yaml"
    script:
        "../scripts/miniature_prompts.py"


rule oracle_scores:
    input:
        policy=lambda w: dag.model_folder(w.policy),
        facts=list(FACTS.values())[:1],
    output:
        RESULTS + "/scores/{policy}.parquet",
    params:
        code=code("oracle_scores"),
        languages=settings.experiments["main"].languages,
        backend=settings.sampling.backend,
        options=settings.sampling.options,
        max_tokens=settings.sampling.max_tokens,
        seed=settings.seed,
    log:
        LOGS + "/scores/{policy}.log",
    benchmark:
        BENCHMARKS + "/scores/{policy}.tsv"
    conda:
        "../envs/sampling.yaml"
    script:
        "../scripts/oracle_scores.py"


rule figure_scores:
    input:
        [f"{RESULTS}/scores/{policy}.parquet" for policy in dag.lineage("main")],
    output:
        figure=multiext(RESULTS + "/figures/scores", ".pdf", ".png"),
        table=RESULTS + "/scores/main.csv",
    params:
        code=code("figure_scores"),
        policies=dag.lineage("main"),
    log:
        LOGS + "/figures/scores.log",
    conda:
        "../envs/report.yaml"
    script:
        "../scripts/figure_scores.py"


def demo_figures():
    """The closing picture, where the run has the miniature's oracle to ask."""
    return list(rules.figure_scores.output.figure) if MINIATURE else []
