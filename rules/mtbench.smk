# Multilingual MT-Bench: two-turn questions, each answer graded by a judge. For each policy, one job
# answers in all languages that lack answers, and one grades all languages, so that the model and a
# locally served judge load once. Verdicts are kept and never requested twice.
if settings.evaluation.mtbench:
    MTBENCH = settings.evaluation.mtbench
    MTBENCH_POLICIES = list(evaluations.mtbench.languages)
    MTBENCH_LANGUAGES = evaluations.mtbench.all_languages

    rule mtbench_answers:
        input:
            policy=lambda w: policies.folder(w.policy),
            questions=lambda w: expand(
                paths.questions,
                questions=MTBENCH.questions,
                language=languages_of(w.languages),
            ),
            references=lambda w: expand(
                paths.references,
                questions=MTBENCH.questions,
                language=languages_of(w.languages),
            ),
        output:
            paths.mtbench_answers,
        log:
            paths.log(paths.mtbench_answers),
        benchmark:
            paths.benchmark(paths.mtbench_answers)
        wildcard_constraints:
            policy=one_of(MTBENCH_POLICIES),
        conda:
            "../envs/sampling.yaml"
        threads: settings.compute.threads
        resources:
            **resources_of(jobs.judged_answers("mtbench")),
        params:
            code=fingerprint("mtbench_answers"),
            languages=lambda w: languages_of(w.languages),
            first=MTBENCH.count,
            max_tokens=MTBENCH.max_tokens,
            backend=settings.sampling.backend,
            options=lambda w: policies.backend_options(w.policy),
            seed=settings.seed,
        script:
            "../scripts/mtbench_answers.py"

    rule mtbench_judge:
        input:
            judge=judges.inputs(MTBENCH.judge),
            answers=lambda w: [
                evaluations.mtbench_answers(w.policy, la) for la in MTBENCH_LANGUAGES
            ],
            questions=expand(
                paths.questions,
                questions=MTBENCH.questions,
                language=MTBENCH_LANGUAGES,
            ),
            references=expand(
                paths.references,
                questions=MTBENCH.questions,
                language=MTBENCH_LANGUAGES,
            ),
        output:
            metrics=expand(
                paths.mtbench_metrics, language=MTBENCH_LANGUAGES, allow_missing=True
            ),
            questions=expand(
                paths.mtbench_questions, language=MTBENCH_LANGUAGES, allow_missing=True
            ),
            verdicts=expand(
                paths.mtbench_verdicts, language=MTBENCH_LANGUAGES, allow_missing=True
            ),
        log:
            paths.log("mtbench/{policy}/grading"),
        benchmark:
            paths.benchmark("mtbench/{policy}/grading")
        wildcard_constraints:
            policy=one_of(MTBENCH_POLICIES),
        conda:
            f"../envs/{judges.environment(MTBENCH.judge)}.yaml"
        resources:
            **resources_of(jobs.judged("mtbench")),
        params:
            code=fingerprint("mtbench_judge"),
            languages=MTBENCH_LANGUAGES,
            first=MTBENCH.count,
            notes=[
                settings.questions[MTBENCH.questions].files(la).note
                for la in MTBENCH_LANGUAGES
            ],
            judge=judges.settings(MTBENCH.judge),
            max_tokens=MTBENCH.judge_tokens,
            store=lambda w: paths.mtbench_kept.format(
                judge=MTBENCH.judge, policy=w.policy
            ),
        script:
            "../scripts/mtbench_judge.py"


rule mtbench:
    input:
        evaluations.mtbench.metrics.values(),
        figure_files("figure_mtbench") if evaluations.mtbench.metrics else [],
