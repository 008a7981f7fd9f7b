# The miniature world: its model, its questions, and the oracle that knows the answers.
FACTS = {n: m.source.miniature for n, m in settings.models.items() if n in MINIATURE}


localrules:
    miniature_prompts,
    miniature_choices,
    figure_scores,


rule miniature_model:
    input:
        lambda w: FACTS[w.model],
    output:
        directory(f"{RESULTS}/models/{{model}}"),
    log:
        f"{LOGS}/models/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/models/{{model}}.tsv"
    wildcard_constraints:
        model=one_of(MINIATURE),
    conda:
        "../envs/training.yaml"
    resources:
        **asks(jobs.miniature),
    params:
        code=code("miniature_model"),
        sft=lambda w: settings.models[w.model].source.model_dump(exclude={"miniature"}),
        seed=settings.seed,
    script:
        "../scripts/miniature_model.py"


rule miniature_prompts:
    input:
        lambda w: QUESTIONS[w.prompts].source.miniature,
    output:
        "resources/prompts/{prompts}/{language}.jsonl",
    log:
        "resources/logs/prompts/{prompts}/{language}.log",
    wildcard_constraints:
        prompts=one_of(QUESTIONS),
    conda:
        "../envs/training.yaml"
    params:
        code=code("miniature_prompts"),
        language="{language}",
    script:
        "../scripts/miniature_prompts.py"


rule miniature_choices:
    input:
        list(FACTS.values())[:1],
    output:
        "resources/nlp/miniature/{language}.jsonl",
    log:
        "resources/logs/nlp/miniature/{language}.log",
    conda:
        "../envs/training.yaml"
    params:
        code=code("miniature_choices"),
        language="{language}",
    script:
        "../scripts/miniature_choices.py"


rule oracle_scores:
    input:
        policy=lambda w: dag.model_folder(w.policy),
        facts=list(FACTS.values())[:1],
    output:
        f"{RESULTS}/scores/{{policy}}.parquet",
    log:
        f"{LOGS}/scores/{{policy}}.log",
    benchmark:
        f"{BENCHMARKS}/scores/{{policy}}.tsv"
    conda:
        "../envs/sampling.yaml"
    resources:
        **asks(jobs.miniature),
    params:
        code=code("oracle_scores"),
        languages=settings.experiments["main"].languages,
        backend=settings.sampling.backend,
        options=settings.sampling.options,
        max_tokens=settings.sampling.max_tokens,
        seed=settings.seed,
    script:
        "../scripts/oracle_scores.py"


rule figure_scores:
    input:
        [f"{RESULTS}/scores/{policy}.parquet" for policy in dag.lineage("main")],
    output:
        figure=multiext(f"{RESULTS}/figures/scores", ".pdf", ".png"),
        table=f"{RESULTS}/scores/main.csv",
    log:
        f"{LOGS}/figures/scores.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("figure_scores"),
        policies=dag.lineage("main"),
    script:
        "../scripts/figure_scores.py"
