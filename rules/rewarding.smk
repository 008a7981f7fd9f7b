# Log-probabilities of a policy's recorded responses under one model.
rule logprobs:
    input:
        scorer=lambda w: policies.folder(w.scorer),
        policy=lambda w: policies.folder(w.policy),
        samples=lambda w: blocks.scored(w.view).format(**w),
        prompts=lambda w: paths.prompts.format(
            prompts=w.prompts, language=blocks.condition_language(w.view, w.language)
        ),
        # All blocks, because the authors' sums depend on how responses are batched.
        file=lambda w: blocks.scored_together(w.view, w.policy, w.prompts, w.language),
    output:
        paths.logprobs,
    log:
        paths.log(paths.logprobs),
    benchmark:
        paths.benchmark(paths.logprobs)
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **resources_of(jobs.logprobs),
        # Not a parameter: a smaller budget, after running out of memory, changes no score.
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("logprobs", languages=lambda w: [w.language]),
        view=lambda w: blocks.split_view(w.view)[0],
        prompts=lambda w: blocks.split_view(w.view)[1],
        language="{language}",
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/logprobs.py"


# Rewards of the same responses from an external reward model, without reference and prefix.
rule natural_rewards:
    input:
        model=lambda w: policies.folder(w.scorer),
        samples=paths.samples,
    output:
        paths.natural_rewards,
    log:
        paths.log(paths.natural_rewards),
    benchmark:
        paths.benchmark(paths.natural_rewards)
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **resources_of(jobs.natural_rewards),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("natural_rewards"),
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/natural_rewards.py"
