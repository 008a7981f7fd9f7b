# Log-probabilities that one model gives to the recorded responses of a policy.
SCORED = "{view}/{policy}/{scorer}/{prompts}/{language}/{block}"


rule logprobs:
    input:
        scorer=lambda w: dag.model_folder(w.scorer),
        policy=lambda w: dag.model_folder(w.policy),
        samples=lambda w: dag.scored_file(w.view).format(**w),
        prompts=lambda w: dag.condition_file(w.view, w.prompts, w.language),
        # Whose batches the authors' sums depend on.
        file=lambda w: dag.scored_together(w.view, w.policy, w.prompts, w.language),
    output:
        f"{RESULTS}/logprobs/{SCORED}.parquet",
    log:
        f"{LOGS}/logprobs/{SCORED}.log",
    benchmark:
        f"{BENCHMARKS}/logprobs/{SCORED}.tsv"
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **asks(jobs.logprobs),
        # No parameter: a smaller budget, after running out of memory, changes no score.
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=code("logprobs", languages=lambda w: [w.language]),
        view=lambda w: dag.split_view(w.view)[0],
        prompts=lambda w: dag.split_view(w.view)[1],
        language="{language}",
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/logprobs.py"


# What an external reward model says of the same responses: no second model, no prefix.
NATURAL = "{scorer}/{policy}/{prompts}/{language}/{block}"


rule natural_rewards:
    input:
        model=lambda w: dag.model_folder(w.scorer),
        samples=f"{RESULTS}/samples/{{policy}}/{{prompts}}/{{language}}/{{block}}.parquet",
    output:
        f"{RESULTS}/natural-rewards/{NATURAL}.parquet",
    log:
        f"{LOGS}/natural-rewards/{NATURAL}.log",
    benchmark:
        f"{BENCHMARKS}/natural-rewards/{NATURAL}.tsv"
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **asks(jobs.natural_rewards),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=code("natural_rewards"),
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/natural_rewards.py"
