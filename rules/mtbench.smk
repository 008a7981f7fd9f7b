# Multilingual MT-Bench: two-turn questions, each answer graded by a judge. One job of a policy
# covers all languages that have no answers yet, and one grades all languages, so that the model, or
# a judge that is served here, is loaded once. Verdicts are kept, and not asked for again.
if settings.evaluation.mtbench:
    GRADED = settings.evaluation.mtbench
    GRADED_POLICIES = list(evaluations.mtbench.languages)
    GRADED_IN = evaluations.mtbench.asked

    rule mtbench_answers:
        input:
            policy=lambda w: policies.folder(w.policy),
            questions=lambda w: expand(
                paths.questions,
                questions=GRADED.questions,
                language=languages_of(w.languages),
            ),
            references=lambda w: expand(
                paths.references,
                questions=GRADED.questions,
                language=languages_of(w.languages),
            ),
        output:
            paths.mtbench_answers,
        log:
            paths.log(paths.mtbench_answers),
        benchmark:
            paths.benchmark(paths.mtbench_answers)
        wildcard_constraints:
            policy=one_of(GRADED_POLICIES),
        conda:
            "../envs/sampling.yaml"
        threads: settings.compute.threads
        resources:
            **asks(jobs.judged_answers("mtbench")),
        params:
            code=code("mtbench_answers"),
            languages=lambda w: languages_of(w.languages),
            first=GRADED.count,
            max_tokens=GRADED.max_tokens,
            backend=settings.sampling.backend,
            options=lambda w: policies.backend_options(w.policy),
            seed=settings.seed,
        script:
            "../scripts/mtbench_answers.py"

    rule mtbench_judge:
        input:
            judge=judges.inputs(GRADED.judge),
            answers=lambda w: [
                evaluations.mtbench_answers(w.policy, la) for la in GRADED_IN
            ],
            questions=expand(
                paths.questions, questions=GRADED.questions, language=GRADED_IN
            ),
            references=expand(
                paths.references, questions=GRADED.questions, language=GRADED_IN
            ),
        output:
            metrics=expand(
                paths.mtbench_metrics, language=GRADED_IN, allow_missing=True
            ),
            questions=expand(
                paths.mtbench_questions, language=GRADED_IN, allow_missing=True
            ),
            verdicts=expand(
                paths.mtbench_verdicts, language=GRADED_IN, allow_missing=True
            ),
        log:
            paths.log("mtbench/{policy}/grading"),
        benchmark:
            paths.benchmark("mtbench/{policy}/grading")
        wildcard_constraints:
            policy=one_of(GRADED_POLICIES),
        conda:
            f"../envs/{judges.environment(GRADED.judge)}.yaml"
        resources:
            **asks(jobs.judged("mtbench")),
        params:
            code=code("mtbench_judge"),
            languages=GRADED_IN,
            first=GRADED.count,
            notes=[
                settings.questions[GRADED.questions].files(la).note for la in GRADED_IN
            ],
            judge=judges.settings(GRADED.judge),
            max_tokens=GRADED.judge_tokens,
            store=lambda w: paths.mtbench_kept.format(
                judge=GRADED.judge, policy=w.policy
            ),
        script:
            "../scripts/mtbench_judge.py"


rule mtbench:
    input:
        evaluations.mtbench.metrics.values(),
        pictures("figure_mtbench") if evaluations.mtbench.metrics else [],
