# Log-probabilities of a policy's recorded responses under one model.
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
        **resources_of(jobs.logprobs),
        # Not a parameter: a smaller budget, after running out of memory, changes no score.
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("logprobs", languages=lambda w: languages_of(w.languages)),
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


# Rewards of the same responses from an external reward model, without reference and prefix.
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
        **resources_of(jobs.natural_rewards),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("natural_rewards"),
        languages=lambda w: languages_of(w.languages),
        first=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[0],
        rows=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[1],
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/natural_rewards.py"
