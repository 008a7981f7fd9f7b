# Multilingual NLP benchmarks: shared data sets, one job per policy and group of languages.
NLP_SETTINGS = settings.evaluation.nlp


localrules:
    fetch_benchmark,
    nlp_metrics,


# Runs on the submitting host, so that evaluation jobs work offline.
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
        code=fingerprint("fetch_benchmark"),
        task="{task}",
        revisions=NLP_SETTINGS.revisions if NLP_SETTINGS else {},
    script:
        "../scripts/fetch_benchmark.py"


# A large model takes minutes to start and about an hour to evaluate in one language, so a job
# covers one language. In the demo starting takes most of the time, so a job covers them all.
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
        **resources_of(jobs.nlp_scores),
    params:
        code=fingerprint("nlp_benchmarks"),
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
        code=fingerprint("nlp_metrics"),
        language="{language}",
        tasks=lambda w: [vars(task) for task in NLP_SETTINGS.tasks(w.language)],
    script:
        "../scripts/nlp_metrics.py"


rule nlp_benchmarks:
    input:
        evaluations.nlp.metrics.values(),
        figure_files("figure_nlp") if evaluations.nlp.metrics else [],
