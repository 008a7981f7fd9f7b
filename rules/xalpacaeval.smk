# X-AlpacaEval: policies and stored outputs, judged in pairs against the reference's outputs.
from icr.tables.lineages import signs

X = settings.evaluation.xalpacaeval
X_FOLDER = f"{RESULTS}/xalpacaeval/{{policy}}"
X_LANGUAGES = dag.xalpacaeval_languages()
X_STORED = X.outputs if X else {}
X_SAMPLED = [policy for policy in X_LANGUAGES if policy not in X_STORED]
# Those of main's policies that are judged in a language of main's, and what they are called.
X_DRAWN = {
    policy: sign
    for policy, sign in signs(dag.lineage("main")).items()
    if {*X_LANGUAGES.get(policy, [])} & {*settings.experiments["main"].languages}
}
XALPACAEVAL = [
    f"{RESULTS}/xalpacaeval/{policy}/{language}/metrics.json"
    for policy, languages in X_LANGUAGES.items()
    for language in languages
]

if X:

    localrules:
        fetch_outputs,
        length_table,
        xalpacaeval_metrics,

    rule fetch_outputs:
        input:
            lambda w: dag.local_rows(X_STORED[w.policy].source, w.language),
        output:
            "resources/outputs/{policy}/{language}.json",
        log:
            "resources/logs/outputs/{policy}/{language}.log",
        wildcard_constraints:
            policy=one_of(X_STORED),
        conda:
            "../envs/training.yaml"
        params:
            code=code("fetch_rows"),
            kind="answers",
            source=lambda w: compared(X_STORED[w.policy].source),
            files=lambda w: states(
                dag.local_rows(X_STORED[w.policy].source, w.language)
            ),
        script:
            "../scripts/fetch_rows.py"

    rule length_table:
        output:
            f"resources/length-table/{settings.run}.csv",
        log:
            f"resources/logs/length-table/{settings.run}.log",
        conda:
            "../envs/training.yaml"
        params:
            code=code("length_table"),
            source=compared(X.length_table) if X.length_table else None,
        script:
            "../scripts/length_table.py"

    # One job answers in all languages that have no answers yet: starting costs more than a
    # language.
    rule xalpacaeval_sample:
        input:
            policy=lambda w: dag.model_folder(w.policy),
            questions=lambda w: [
                dag.question_file(X.questions, la) for la in w.languages.split("-")
            ],
        output:
            f"{X_FOLDER}/samples/{{languages}}.parquet",
        log:
            f"{LOGS}/xalpacaeval/{{policy}}/samples/{{languages}}.log",
        benchmark:
            f"{BENCHMARKS}/xalpacaeval/{{policy}}/samples/{{languages}}.tsv"
        wildcard_constraints:
            policy=one_of(X_SAMPLED),
        conda:
            "../envs/sampling.yaml"
        threads: settings.compute.threads
        resources:
            **asks(jobs.xalpacaeval_sample),
        params:
            code=code("xalpacaeval_sample"),
            languages=lambda w: w.languages.split("-"),
            first=X.count,
            decoding=compared(X.decoding),
            backend=settings.sampling.backend,
            options=lambda w: dag.backend_options(w.policy),
            chunk=settings.sampling.chunk * settings.sampling.n,
            seed=settings.seed,
        script:
            "../scripts/xalpacaeval_sample.py"

    rule xalpacaeval_judge:
        input:
            answers=lambda w: (
                dag.output_file(w.policy, w.language)
                if w.policy in X_STORED
                else dag.xalpacaeval_samples(w.policy, w.language)
            ),
            questions=lambda w: dag.question_file(X.questions, w.language),
            references=lambda w: dag.reference_file(X.questions, w.language),
            judge=dag.judge_inputs(X.judge),
        output:
            outputs=f"{X_FOLDER}/{{language}}/outputs.json",
            annotations=f"{X_FOLDER}/{{language}}/annotations.json",
            summary=f"{X_FOLDER}/{{language}}/judging.json",
        log:
            f"{LOGS}/xalpacaeval/{{policy}}/{{language}}.judge.log",
        benchmark:
            f"{BENCHMARKS}/xalpacaeval/{{policy}}/{{language}}.tsv"
        conda:
            f"../envs/{dag.judge_environment(X.judge)}.yaml"
        resources:
            **asks(jobs.xalpacaeval_judge),
        params:
            code=code("xalpacaeval_judge"),
            judge=dag.judge(X.judge),
            first=X.count,
            order_seed=X.order_seed,
            verdicts=lambda w: dag.verdicts(
                X.judge, "xalpacaeval", w.policy, w.language
            ),
        script:
            "../scripts/xalpacaeval_judge.py"

    rule xalpacaeval_metrics:
        input:
            annotations=rules.xalpacaeval_judge.output.annotations,
            summary=rules.xalpacaeval_judge.output.summary,
            table=rules.length_table.output if X.length_table else [],
        output:
            metrics=f"{X_FOLDER}/{{language}}/metrics.json",
            questions=f"{X_FOLDER}/{{language}}/questions.csv",
        log:
            f"{LOGS}/xalpacaeval/{{policy}}/{{language}}.metrics.log",
        conda:
            "../envs/xalpacaeval.yaml"
        resources:
            **asks(jobs.miniature),
        params:
            code=code("xalpacaeval_metrics"),
        script:
            "../scripts/xalpacaeval_metrics.py"


rule xalpacaeval:
    input:
        XALPACAEVAL,
        pictures("figure_xalpacaeval") if X_DRAWN else [],
