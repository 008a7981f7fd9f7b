def prompts_of_view(wildcards):
    """The prompts that a view's scorers condition on."""
    language = blocks.condition_language(wildcards.view, wildcards.language)
    return paths.prompts.format(prompts=wildcards.prompts, language=language)


def measured_against(wildcards):
    """Names of the references against which a policy's responses are rewarded."""
    return [name for name in policies.references(**wildcards) if name is not None]


# In which arithmetic a policy's responses are scored: the cheapest that ranks as float32 does.
rule arithmetic:
    input:
        policy=lambda w: policies.folder(w.policy),
        references=lambda w: [policies.folder(name) for name in measured_against(w)],
        samples=lambda w: blocks.scored(w.view).format(**w, block="0000"),
        prompts=prompts_of_view,
    output:
        paths.arithmetic,
    log:
        paths.log(paths.arithmetic),
    benchmark:
        paths.benchmark(paths.arithmetic)
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **asks(jobs.arithmetic),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=code("arithmetic", languages=lambda w: [w.language]),
        references=measured_against,
        without_reference=lambda w: None in policies.references(**w),
    script:
        "../scripts/arithmetic.py"


# The same for an external reward model.
rule natural_arithmetic:
    input:
        model=lambda w: policies.folder(w.scorer),
        samples=lambda w: paths.samples.format(**w, block="0000"),
    output:
        paths.natural_arithmetic,
    log:
        paths.log(paths.natural_arithmetic),
    benchmark:
        paths.benchmark(paths.natural_arithmetic)
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **asks(jobs.natural_arithmetic),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=code("natural_arithmetic"),
    script:
        "../scripts/natural_arithmetic.py"


# Log-probabilities that one model gives to the recorded responses of a policy.
rule logprobs:
    input:
        scorer=lambda w: policies.folder(w.scorer),
        policy=lambda w: policies.folder(w.policy),
        samples=lambda w: blocks.scored(w.view).format(**w),
        prompts=prompts_of_view,
        # Ancient: a decision that is made again, for a further reference, reruns no finished block.
        arithmetic=ancient(
            lambda w: blocks.decision(w.view, w.policy, w.prompts, w.language)
        ),
        # Whose batches the authors' sums depend on.
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
        **asks(jobs.logprobs),
        # No parameter: a smaller budget, after running out of memory, changes no score.
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=code("logprobs", languages=lambda w: [w.language]),
        view=lambda w: blocks.split_view(w.view)[0],
        prompts=lambda w: blocks.split_view(w.view)[1],
        language="{language}",
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/logprobs.py"


# What an external reward model says of the same responses: no second model, no prefix.
rule natural_rewards:
    input:
        model=lambda w: policies.folder(w.scorer),
        samples=paths.samples,
        arithmetic=ancient(
            lambda w: blocks.natural_decision(
                w.scorer, w.policy, w.prompts, w.language
            )
        ),
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
        **asks(jobs.natural_rewards),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=code("natural_rewards"),
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/natural_rewards.py"
