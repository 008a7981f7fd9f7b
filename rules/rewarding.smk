# The arithmetic in which a policy's responses are scored: the cheapest that ranks as float32 does.
rule arithmetic:
    input:
        policy=lambda w: policies.folder(w.policy),
        references=lambda w: [
            policies.folder(name)
            for name in policies.references(w.policy, w.view, w.prompts)
        ],
        samples=lambda w: blocks.scored(
            w.view, w.policy, w.prompts, Span.named(w.languages, "0000")
        ),
        prompts=lambda w: blocks.conditions(
            w.view, w.prompts, languages_of(w.languages)
        ),
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
        **resources_of(jobs.arithmetic),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("arithmetic", languages=lambda w: languages_of(w.languages)),
        languages=lambda w: languages_of(w.languages),
        references=lambda w: policies.references(w.policy, w.view, w.prompts),
        without_reference=lambda w: policies.without_reference(
            w.policy, w.view, w.prompts
        ),
    script:
        "../scripts/arithmetic.py"


# The same for an external reward model.
rule natural_arithmetic:
    input:
        model=lambda w: policies.folder(w.scorer),
        samples=lambda w: blocks.sampled(
            w.policy, w.prompts, Span.named(w.languages, "0000")
        ),
        prompts=lambda w: expand(
            paths.prompts, prompts=w.prompts, language=languages_of(w.languages)
        ),
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
        **resources_of(jobs.natural_arithmetic),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("natural_arithmetic"),
        languages=lambda w: languages_of(w.languages),
        max_length=settings.scoring.max_length,
    script:
        "../scripts/natural_arithmetic.py"


# Log-probabilities of a policy's recorded responses under one model.
rule logprobs:
    input:
        scorer=lambda w: policies.folder(w.scorer),
        policy=lambda w: policies.folder(w.policy),
        samples=lambda w: blocks.scored(
            w.view, w.policy, w.prompts, Span.named(w.languages, w.blocks)
        ),
        prompts=lambda w: blocks.conditions(
            w.view, w.prompts, languages_of(w.languages)
        ),
        # Ancient: a decision that is made again, for another reference, reruns no finished block.
        arithmetic=ancient(
            lambda w: decisions.of_view(
                w.view, w.policy, w.prompts, languages_of(w.languages)
            )
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
        view=lambda w: split_view(w.view)[0],
        # Of how many prompts the authors' script would make its batches, where sums are as theirs.
        authors=lambda w: split_view(w.view)[1],
        languages=lambda w: languages_of(w.languages),
        block=lambda w: settings.prompts[w.prompts].block,
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
            w.policy, w.prompts, Span.named(w.languages, w.blocks)
        ),
        prompts=lambda w: expand(
            paths.prompts, prompts=w.prompts, language=languages_of(w.languages)
        ),
        arithmetic=ancient(
            lambda w: decisions.of_reward_model(
                w.scorer, w.policy, w.prompts, languages_of(w.languages)
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
        **resources_of(jobs.natural_rewards),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("natural_rewards"),
        languages=lambda w: languages_of(w.languages),
        block=lambda w: settings.prompts[w.prompts].block,
        first=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[0],
        rows=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[1],
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
        max_length=settings.scoring.max_length,
    script:
        "../scripts/natural_rewards.py"


# The policy's own hidden states of the same responses, at one layer and at the last.
rule hidden_states:
    input:
        policy=lambda w: policies.folder(w.policy),
        samples=lambda w: blocks.sampled(
            w.policy, w.prompts, Span.named(w.languages, w.blocks)
        ),
        prompts=lambda w: expand(
            paths.prompts, prompts=w.prompts, language=languages_of(w.languages)
        ),
    output:
        paths.hidden_states,
    log:
        paths.log(paths.hidden_states),
    benchmark:
        paths.benchmark(paths.hidden_states)
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **resources_of(jobs.hidden_states),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("hidden_states"),
        languages=lambda w: languages_of(w.languages),
        block=lambda w: settings.prompts[w.prompts].block,
        first=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[0],
        rows=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[1],
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
        checks=settings.scoring.checks,
    script:
        "../scripts/hidden_states.py"
