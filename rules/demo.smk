# The miniature: its base model, prompts and questions, the oracle's scores, and the paper's claims.
from icr.miniature.world import named_languages
from icr.tables.lineages import signs


localrules:
    miniature_prompts,
    miniature_choices,
    claims,


rule miniature_model:
    input:
        lambda w: policies.facts[w.policy],
    output:
        directory(paths.made_model),
    log:
        paths.log(paths.made_model),
    benchmark:
        paths.benchmark(paths.made_model)
    wildcard_constraints:
        policy=one_of(policies.facts),
    conda:
        "../envs/training.yaml"
    # Most jobs of the miniature wait for this one, so it takes both cores of a laptop; the weights
    # are the same to the bit as with one thread.
    threads: 2
    resources:
        **resources_of(jobs.miniature),
    params:
        code=fingerprint(
            "miniature_model",
            languages=lambda w: named_languages(policies.facts[w.policy]),
        ),
        sft=lambda w: parameters.miniature_sft(w.policy),
        seed=settings.seed,
    script:
        "../scripts/miniature_model.py"


rule miniature_prompts:
    input:
        lambda w: fetched.miniature_prompts[w.prompts],
    output:
        paths.prompts,
    log:
        paths.log(paths.prompts),
    wildcard_constraints:
        prompts=one_of(fetched.miniature_prompts),
    conda:
        "../envs/training.yaml"
    params:
        code=fingerprint("miniature_prompts"),
        language="{language}",
    script:
        "../scripts/miniature_prompts.py"


rule miniature_choices:
    input:
        policies.world,
    output:
        paths.miniature_choices,
    log:
        paths.log(paths.miniature_choices),
    conda:
        "../envs/training.yaml"
    params:
        code=fingerprint("miniature_choices"),
        language="{language}",
    script:
        "../scripts/miniature_choices.py"


rule oracle_scores:
    input:
        policy=lambda w: policies.folder(w.policy),
        facts=policies.world,
    output:
        paths.oracle_scores,
    log:
        paths.log(paths.oracle_scores),
    benchmark:
        paths.benchmark(paths.oracle_scores)
    conda:
        "../envs/sampling.yaml"
    resources:
        **resources_of(jobs.miniature),
    params:
        code=fingerprint("oracle_scores"),
        languages=lambda w: languages_of(w.languages),
        backend=settings.sampling.backend,
        options=settings.sampling.options,
        max_tokens=settings.sampling.max_tokens,
        seed=settings.seed,
    script:
        "../scripts/oracle_scores.py"


rule claims:
    input:
        facts=policies.world,
        scores=[path for files in testable_claims.scores.values() for path in files],
        rewarded=[
            path
            for rows in testable_claims.rewards.values()
            for _, samples, responses in rows
            for path in [*samples, responses]
        ],
        metrics=[
            path
            for by_policy in testable_claims.metrics.values()
            for files in by_policy.values()
            for path in files
        ],
        triples=[
            path
            for by_language in testable_claims.triples.values()
            for path in by_language.values()
        ],
    output:
        paths.claims,
    log:
        paths.log(paths.claims),
    conda:
        "../envs/report.yaml"
    params:
        code=fingerprint("claims"),
        claims=testable_claims.claims,
        scores=testable_claims.scores,
        rewarded=testable_claims.rewards,
        metrics=testable_claims.metrics,
        triples=testable_claims.triples,
        languages=testable_claims.languages,
        foreign=testable_claims.foreign,
    script:
        "../scripts/claims.py"
