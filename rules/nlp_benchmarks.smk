# Multilingual NLP benchmarks: data sets once for all, a job for each policy and some languages.
NLP_SETTINGS = settings.evaluation.nlp


localrules:
    fetch_benchmark,
    nlp_metrics,


# On the submitting host: evaluation jobs need no network.
rule fetch_benchmark:
    output:
        directory(paths.nlp_data),
    log:
        paths.log(paths.nlp_data),
    wildcard_constraints:
        task=one_of(
            {
                task.name
                for languages in evaluations.nlp.languages.values()
                for task in evaluations.nlp_tasks(languages)
                if not task.template
            }
        ),
    conda:
        "../envs/nlp_benchmarks.yaml"
    params:
        code=code("fetch_benchmark"),
        task="{task}",
        revisions=NLP_SETTINGS.revisions if NLP_SETTINGS else {},
    script:
        "../scripts/fetch_benchmark.py"


# A large model takes minutes to start and an hour or so to read the benchmarks of one
# language, so that a job covers one there; the demo, where starting is all, covers all in one.
rule nlp_scores:
    input:
        policy=lambda w: policies.folder(w.policy),
        data=lambda w: [
            task.asked(paths.nlp_data)["data"]
            for task in evaluations.nlp_tasks(languages_of(w.languages))
        ],
        templates=lambda w: [
            task.template
            for task in evaluations.nlp_tasks(languages_of(w.languages))
            if task.template
        ],
    output:
        paths.nlp_scores,
    log:
        paths.log("nlp/{policy}/{languages}"),
    benchmark:
        paths.benchmark("nlp/{policy}/{languages}")
    conda:
        "../envs/nlp_benchmarks.yaml"
    threads: settings.compute.threads
    resources:
        **asks(jobs.nlp_scores),
    params:
        code=code("nlp_benchmarks"),
        tasks=lambda w: {
            language: [
                task.asked(paths.nlp_data) for task in NLP_SETTINGS.tasks(language)
            ]
            for language in languages_of(w.languages)
        },
        settings=lambda w: compared(
            NLP_SETTINGS,
            include={"backend", "dtype", "batch", "chat_template", "limit", "options"},
        ),
    script:
        "../scripts/nlp_benchmarks.py"


rule nlp_metrics:
    input:
        lambda w: evaluations.nlp_scores(w.policy, w.language),
    output:
        paths.nlp_metrics,
    log:
        paths.log("nlp/{policy}/{language}.metrics"),
    wildcard_constraints:
        policy=one_of(evaluations.nlp.languages),
    conda:
        "../envs/report.yaml"
    params:
        code=code("nlp_metrics"),
        language="{language}",
        tasks=lambda w: [vars(task) for task in NLP_SETTINGS.tasks(w.language)],
    script:
        "../scripts/nlp_metrics.py"


rule nlp_benchmarks:
    input:
        evaluations.nlp.metrics.values(),
        pictures("figure_nlp") if evaluations.nlp.metrics else [],
