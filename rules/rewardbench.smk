# Accuracy of rewards on preference triples: of reward models, and of policies by their
# log-probabilities (R_c and R_m).
localrules:
    rewardbench_metrics,
    rewardbench_table,
    representation_table,


# What a reward model says of both responses of each triple.
rule natural_triple_scores:
    input:
        model=lambda w: policies.folder(w.scorer),
        triples=lambda w: rewardbench.triples(w.language),
    output:
        paths.triple_scores,
    log:
        paths.log(paths.triple_scores),
    benchmark:
        paths.benchmark(paths.triple_scores)
    wildcard_constraints:
        view="natural",
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **resources_of(jobs.triple_scores),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("natural_triple_scores"),
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
    script:
        "../scripts/natural_triple_scores.py"


# Log-probabilities of both responses by one model.
rule triple_logprobs:
    input:
        model=lambda w: policies.folder(w.scorer),
        triples=lambda w: rewardbench.triples(w.language),
        conditions=lambda w: rewardbench.conditions(w.view, w.language),
    output:
        paths.triple_scores,
    log:
        paths.log(paths.triple_scores),
    benchmark:
        paths.benchmark(paths.triple_scores)
    wildcard_constraints:
        view="crosslingual|multilingual",
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **resources_of(jobs.triple_scores),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("triple_logprobs", languages=lambda w: [w.language]),
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
    script:
        "../scripts/triple_logprobs.py"


rule rewardbench_metrics:
    input:
        triples=lambda w: rewardbench.triples(w.language),
        scores=lambda w: rewardbench.scores(w.view, w.rewarded, w.language),
        models=lambda w: (
            [
                policies.folder(m)
                for m in rewardbench.tested[w.view, w.rewarded].scorers
            ]
            if w.view != "natural"
            else []
        ),
        trained_on=lambda w: rewardbench.training_pairs(w.view, w.rewarded),
        weights=lambda w: [
            file for file in [rewardbench.section.weights] if file is not None
        ],
    output:
        metrics=paths.rewardbench_metrics,
        triples=paths.rewardbench_triples,
    log:
        paths.log(paths.rewardbench_metrics),
    wildcard_constraints:
        view="natural|crosslingual|multilingual",
        rewarded=one_of(dict.fromkeys(name for _, name in rewardbench.tested)),
    conda:
        "../envs/training.yaml"
    params:
        code=fingerprint("rewardbench_metrics"),
        beta=settings.experiments["main"].reward.beta,
    script:
        "../scripts/rewardbench_metrics.py"


rule rewardbench_table:
    input:
        metrics=rewardbench.metrics.values(),
    output:
        expand(paths.rewardbench_table, kind=["csv", "md"]),
    log:
        paths.log(paths.rewardbench_table.format(kind="csv")),
    conda:
        "../envs/report.yaml"
    params:
        code=fingerprint("rewardbench_table"),
        measured=list(rewardbench.metrics),
    script:
        "../scripts/rewardbench_table.py"


# Hidden states of each triple by a reward model or its base.
rule triple_states:
    input:
        model=lambda w: policies.folder(w.scorer),
        triples=lambda w: rewardbench.triples(w.language),
    output:
        paths.triple_states,
    log:
        paths.log(paths.triple_states),
    benchmark:
        paths.benchmark(paths.triple_states)
    conda:
        "../envs/training.yaml"
    threads: settings.compute.threads
    resources:
        **resources_of(jobs.triple_states),
        token_budget=lambda w, attempt: smaller(settings.scoring.token_budget, attempt),
    params:
        code=fingerprint("triple_states"),
        precision=settings.scoring.precision,
        chunk=settings.scoring.chunk,
    script:
        "../scripts/triple_states.py"


# How close the states of a triple in all languages are to one line.
rule representation:
    input:
        states=lambda w: rewardbench.states(w.scorer),
    output:
        metrics=paths.representation_metrics,
        triples=paths.representation_triples,
    log:
        paths.log(paths.representation_metrics),
    wildcard_constraints:
        scorer=one_of(rewardbench.represented),
    conda:
        "../envs/report.yaml"
    resources:
        **resources_of(jobs.representation),
    params:
        code=fingerprint("representation"),
        languages=rewardbench.languages,
    script:
        "../scripts/representation.py"


rule representation_table:
    input:
        triples=expand(paths.representation_triples, scorer=rewardbench.represented),
        metrics=expand(paths.representation_metrics, scorer=rewardbench.represented),
        accuracies=[
            rewardbench.metrics["natural", model, language]
            for model in rewardbench.bases
            for language in rewardbench.languages
        ],
    output:
        expand(paths.representation_table, kind=["csv", "md"]),
    log:
        paths.log(paths.representation_table.format(kind="csv")),
    conda:
        "../envs/report.yaml"
    params:
        code=fingerprint("representation_table"),
        models=rewardbench.represented,
        bases=rewardbench.bases,
        languages=rewardbench.languages,
    script:
        "../scripts/representation_table.py"


rule rewardbench:
    input:
        rewardbench.metrics.values(),
        (
            expand(paths.rewardbench_table, kind=["csv", "md"])
            if rewardbench.metrics
            else []
        ),
        (
            expand(paths.representation_table, kind=["csv", "md"])
            if rewardbench.bases
            else []
        ),
