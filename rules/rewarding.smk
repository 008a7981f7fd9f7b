# Log-probabilities that one model gives to the recorded responses of a policy.
rule logprobs:
    input:
        scorer=lambda w: policies.folder(w.scorer),
        policy=lambda w: policies.folder(w.policy),
        samples=lambda w: blocks.scored(
            w.view, w.policy, w.prompts, Job.named(w.languages, w.blocks)
        ),
        prompts=lambda w: blocks.conditions(
            w.view, w.prompts, languages_of(w.languages)
        ),
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
        code=code("logprobs", languages=lambda w: languages_of(w.languages)),
        view=lambda w: blocks.split_view(w.view)[0],
        # Of how many prompts the authors' script would make its batches, where sums are as theirs.
        authors=lambda w: blocks.split_view(w.view)[1],
        languages=lambda w: languages_of(w.languages),
        first=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[0],
        rows=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[1],
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/logprobs.py"


# What an external reward model says of the same responses: no second model, no prefix.
rule natural_rewards:
    input:
        model=lambda w: policies.folder(w.scorer),
        samples=lambda w: blocks.sampled(
            w.policy, w.prompts, Job.named(w.languages, w.blocks)
        ),
        prompts=lambda w: expand(
            paths.prompts, prompts=w.prompts, language=languages_of(w.languages)
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
        languages=lambda w: languages_of(w.languages),
        first=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[0],
        rows=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[1],
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/natural_rewards.py"
