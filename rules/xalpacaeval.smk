# X-AlpacaEval: policies and stored outputs, judged in pairs against the reference's outputs.
from icr.workflow.local import states

X = settings.evaluation.xalpacaeval
X_LANGUAGES = evaluations.xalpacaeval.languages
X_STORED = X.outputs if X else {}

if X:

    localrules:
        fetch_outputs,
        length_table,
        xalpacaeval_metrics,

    rule fetch_outputs:
        input:
            lambda w: local.rows(X_STORED[w.policy].source, w.language),
        output:
            paths.stored_outputs,
        log:
            paths.log(paths.stored_outputs),
        wildcard_constraints:
            policy=one_of(X_STORED),
        conda:
            "../envs/training.yaml"
        params:
            code=code("fetch_rows"),
            kind="answers",
            source=lambda w: compared(X_STORED[w.policy].source),
            files=lambda w: states(local.rows(X_STORED[w.policy].source, w.language)),
        script:
            "../scripts/fetch_rows.py"

    rule length_table:
        output:
            paths.length_table,
        log:
            paths.log(paths.length_table),
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
            policy=lambda w: policies.folder(w.policy),
            questions=lambda w: expand(
                paths.questions,
                questions=X.questions,
                language=languages_of(w.languages),
            ),
        output:
            paths.xalpacaeval_answers,
        log:
            paths.log(paths.xalpacaeval_answers),
        benchmark:
            paths.benchmark(paths.xalpacaeval_answers)
        wildcard_constraints:
            policy=one_of(policy for policy in X_LANGUAGES if policy not in X_STORED),
        conda:
            "../envs/sampling.yaml"
        threads: settings.compute.threads
        resources:
            **asks(jobs.judged_answers("xalpacaeval")),
        params:
            code=code("xalpacaeval_sample"),
            languages=lambda w: languages_of(w.languages),
            first=X.count,
            decoding=compared(X.decoding),
            backend=settings.sampling.backend,
            options=lambda w: policies.backend_options(w.policy),
            chunk=settings.sampling.chunk * settings.sampling.n,
            seed=settings.seed,
        script:
            "../scripts/xalpacaeval_sample.py"

    rule xalpacaeval_judge:
        input:
            answers=lambda w: evaluations.xalpacaeval_answers(w.policy, w.language),
            questions=lambda w: paths.questions.format(
                questions=X.questions, language=w.language
            ),
            references=lambda w: paths.references.format(
                questions=X.questions, language=w.language
            ),
            judge=judges.inputs(X.judge),
        output:
            outputs=paths.xalpacaeval_outputs,
            annotations=paths.xalpacaeval_annotations,
            summary=paths.xalpacaeval_judging,
        log:
            paths.log("xalpacaeval/{policy}/{language}.judge"),
        benchmark:
            paths.benchmark("xalpacaeval/{policy}/{language}")
        conda:
            f"../envs/{judges.environment(X.judge)}.yaml"
        resources:
            **asks(jobs.judged("xalpacaeval")),
        params:
            code=code("xalpacaeval_judge"),
            judge=judges.settings(X.judge),
            first=X.count,
            order_seed=X.order_seed,
            verdicts=lambda w: paths.xalpacaeval_kept.format(
                judge=X.judge, policy=w.policy, language=w.language
            ),
        script:
            "../scripts/xalpacaeval_judge.py"

    rule xalpacaeval_metrics:
        input:
            annotations=paths.xalpacaeval_annotations,
            summary=paths.xalpacaeval_judging,
            table=[paths.length_table] if X.length_table else [],
        output:
            metrics=paths.xalpacaeval_metrics,
            questions=paths.xalpacaeval_questions,
        log:
            paths.log("xalpacaeval/{policy}/{language}.metrics"),
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
        evaluations.xalpacaeval.metrics.values(),
        pictures("figure_xalpacaeval") if reporting.judged_signs() else [],
