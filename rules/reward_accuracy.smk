# Reward accuracy: a judge compares chosen and rejected responses of some pairs (Table 1).
if settings.evaluation.reward_accuracy:
    COMPARED = settings.evaluation.reward_accuracy

    rule reward_accuracy_judge:
        input:
            judge=judges.inputs(COMPARED.judge),
            pairs=paths.pairs,
        output:
            metrics=paths.reward_accuracy_metrics,
            pairs=paths.reward_accuracy_pairs,
        log:
            paths.log("reward-accuracy/{policy}/{language}"),
        benchmark:
            paths.benchmark("reward-accuracy/{policy}/{language}")
        wildcard_constraints:
            policy=one_of(policies.iterations),
        conda:
            f"../envs/{judges.environment(COMPARED.judge)}.yaml"
        resources:
            **asks(jobs.judged("reward-accuracy")),
        params:
            code=code("reward_accuracy_judge", languages=lambda w: [w.language]),
            pairs=COMPARED.pairs,
            seed=settings.seed,
            judge=judges.settings(COMPARED.judge),
            max_tokens=COMPARED.judge_tokens,
            store=lambda w: paths.reward_accuracy_kept.format(
                judge=COMPARED.judge, policy=w.policy, language=w.language
            ),
        script:
            "../scripts/reward_accuracy_judge.py"


rule reward_accuracy:
    input:
        evaluations.reward_accuracy.metrics.values(),
        pictures("figure_reward_accuracy")
        if evaluations.reward_accuracy.metrics
        else [],
