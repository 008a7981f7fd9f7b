# Multilingual NLP benchmarks: data sets once for all, a job for each policy and some languages.
from icr.evaluation.nlp.tasks import mirror_folder

NLP_SETTINGS = settings.evaluation.nlp
NLP_LANGUAGES = dag.nlp_languages()
NLP = [
    f"{RESULTS}/nlp/{policy}/{language}/metrics.json"
    for policy, languages in NLP_LANGUAGES.items()
    for language in languages
]


localrules:
    fetch_benchmark,
    nlp_metrics,


# On the submitting host: evaluation jobs need no network.
rule fetch_benchmark:
    output:
        directory(mirror_folder("{task}")),
    log:
        "resources/logs/nlp/{task}.log",
    wildcard_constraints:
        task=one_of(
            {
                task.name
                for languages in NLP_LANGUAGES.values()
                for task in dag.nlp_tasks(languages)
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
rule nlp_benchmarks:
    input:
        policy=lambda w: dag.model_folder(w.policy),
        data=lambda w: [
            task.asked()["data"] for task in dag.nlp_tasks(w.languages.split("-"))
        ],
        templates=lambda w: [
            task.template
            for task in dag.nlp_tasks(w.languages.split("-"))
            if task.template
        ],
    output:
        f"{RESULTS}/nlp/{{policy}}/scores/{{languages}}.json",
    log:
        f"{LOGS}/nlp/{{policy}}/{{languages}}.log",
    benchmark:
        f"{BENCHMARKS}/nlp/{{policy}}/{{languages}}.tsv"
    conda:
        "../envs/nlp_benchmarks.yaml"
    threads: settings.compute.threads
    resources:
        **asks(jobs.nlp_benchmarks),
    params:
        code=code("nlp_benchmarks"),
        tasks=lambda w: {
            language: [task.asked() for task in NLP_SETTINGS.tasks(language)]
            for language in w.languages.split("-")
        },
        settings=lambda w: compared(
            NLP_SETTINGS,
            include={"backend", "dtype", "batch", "chat_template", "limit", "options"},
        ),
    script:
        "../scripts/nlp_benchmarks.py"


rule nlp_metrics:
    input:
        lambda w: dag.nlp_scores(w.policy, w.language),
    output:
        f"{RESULTS}/nlp/{{policy}}/{{language}}/metrics.json",
    log:
        f"{LOGS}/nlp/{{policy}}/{{language}}.metrics.log",
    wildcard_constraints:
        policy=one_of(NLP_LANGUAGES),
    conda:
        "../envs/report.yaml"
    params:
        code=code("nlp_metrics"),
        language="{language}",
        tasks=lambda w: [vars(task) for task in NLP_SETTINGS.tasks(w.language)],
    script:
        "../scripts/nlp_metrics.py"
