# Multilingual MT-Bench: two-turn questions, each answer graded by a judge. One job of a policy
# covers all languages that have no answers yet, and one grades all languages, so that the model, or
# a judge that is served here, is loaded once. Verdicts are kept, and not asked for again.
if settings.evaluation.mtbench:
    GRADED = settings.evaluation.mtbench
    GRADED_POLICIES = dag.evaluated(GRADED)
    GRADED_IN = dag.graded_languages(GRADED)
    GRADED_LANGUAGES = {policy: GRADED_IN for policy in GRADED_POLICIES}
    GRADED_QUESTIONS = [dag.question_file(GRADED.questions, la) for la in GRADED_IN]
    GRADED_REFERENCES = [dag.reference_file(GRADED.questions, la) for la in GRADED_IN]
    MTBENCH = [
        f"{RESULTS}/mtbench/{policy}/{language}/metrics.json"
        for policy in GRADED_POLICIES
        for language in GRADED_IN
    ]

    rule mtbench_answers:
        input:
            policy=lambda w: dag.model_folder(w.policy),
            questions=lambda w: [
                dag.question_file(GRADED.questions, la)
                for la in w.languages.split("-")
            ],
            references=lambda w: [
                dag.reference_file(GRADED.questions, la)
                for la in w.languages.split("-")
            ],
        output:
            f"{RESULTS}/mtbench/{{policy}}/answers/{{languages}}.jsonl",
        log:
            f"{LOGS}/mtbench/{{policy}}/answers/{{languages}}.log",
        benchmark:
            f"{BENCHMARKS}/mtbench/{{policy}}/answers/{{languages}}.tsv"
        wildcard_constraints:
            policy=one_of(GRADED_POLICIES),
        conda:
            "../envs/sampling.yaml"
        threads: settings.compute.threads
        resources:
            **asks(jobs.mtbench_answers),
        params:
            code=code("mtbench_answers"),
            languages=lambda w: w.languages.split("-"),
            first=GRADED.count,
            max_tokens=GRADED.max_tokens,
            backend=settings.sampling.backend,
            options=lambda w: dag.backend_options(w.policy),
            seed=settings.seed,
        script:
            "../scripts/mtbench_answers.py"

    rule mtbench_judge:
        input:
            judge=dag.judge_inputs(GRADED.judge),
            answers=lambda w: [
                dag.mtbench_answers(GRADED, w.policy, la) for la in GRADED_IN
            ],
            questions=GRADED_QUESTIONS,
            references=GRADED_REFERENCES,
        output:
            metrics=[
                f"{RESULTS}/mtbench/{{policy}}/{la}/metrics.json" for la in GRADED_IN
            ],
            questions=[
                f"{RESULTS}/mtbench/{{policy}}/{la}/questions.csv" for la in GRADED_IN
            ],
            verdicts=[
                f"{RESULTS}/mtbench/{{policy}}/{la}/verdicts.jsonl" for la in GRADED_IN
            ],
        log:
            f"{LOGS}/mtbench/{{policy}}/grading.log",
        benchmark:
            f"{BENCHMARKS}/mtbench/{{policy}}/grading.tsv"
        wildcard_constraints:
            policy=one_of(GRADED_POLICIES),
        conda:
            f"../envs/{dag.judge_environment(GRADED.judge)}.yaml"
        resources:
            **asks(jobs.mtbench_judge),
        params:
            code=code("mtbench_judge"),
            languages=GRADED_IN,
            first=GRADED.count,
            notes=[
                settings.questions[GRADED.questions].files(la).note for la in GRADED_IN
            ],
            judge=dag.judge(GRADED.judge),
            max_tokens=GRADED.judge_tokens,
            store=f"{RESULTS}/verdicts/{GRADED.judge}/mtbench/{{policy}}.jsonl",
        script:
            "../scripts/mtbench_judge.py"

else:
    MTBENCH = []
    GRADED_LANGUAGES = {}


rule mtbench:
    input:
        MTBENCH,
        pictures("figure_mtbench") if MTBENCH else [],
