# Log-probabilities that one model gives to the recorded responses of a policy.
rule logprobs:
    input:
        scorer=lambda w: dag.model_folder(w.scorer),
        policy=lambda w: dag.model_folder(w.policy),
        samples=RESULTS + "/samples/{policy}/{prompts}/{language}/{block}.parquet",
        prompts=lambda w: dag.condition_file(w.view, w.prompts, w.language),
    output:
        RESULTS + "/logprobs/{view}/{policy}/{scorer}/{prompts}/{language}/{block}.parquet",
    params:
        code=code("logprobs"),
        view=lambda w: w.view.removesuffix("-authors"),
        tokens=lambda w: "authors" if w.view.endswith("-authors") else "all",
        language="{language}",
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    log:
        LOGS + "/logprobs/{view}/{policy}/{scorer}/{prompts}/{language}/{block}.log",
    benchmark:
        BENCHMARKS + "/logprobs/{view}/{policy}/{scorer}/{prompts}/{language}/{block}.tsv"
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        gpu=settings.compute.gpus,
        # No parameter: a smaller budget, after running out of memory, changes no score.
        token_budget=settings.scoring.token_budget,
    script:
        "../scripts/logprobs.py"
