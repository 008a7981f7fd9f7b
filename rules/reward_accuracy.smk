# Reward accuracy: a judge compares the chosen and rejected responses of some pairs (Table 1).
if settings.evaluation.reward_accuracy:
    REWARD_ACCURACY = settings.evaluation.reward_accuracy

    rule reward_accuracy_judge:
        input:
            judge=judges.inputs(REWARD_ACCURACY.judge),
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
            f"../envs/{judges.environment(REWARD_ACCURACY.judge)}.yaml"
        resources:
            **resources_of(jobs.judged("reward-accuracy")),
        params:
            code=fingerprint("reward_accuracy_judge", languages=lambda w: [w.language]),
            pairs=REWARD_ACCURACY.pairs,
            seed=settings.seed,
            judge=judges.settings(REWARD_ACCURACY.judge),
            max_tokens=REWARD_ACCURACY.judge_tokens,
            store=lambda w: paths.reward_accuracy_kept.format(
                judge=REWARD_ACCURACY.judge, policy=w.policy, language=w.language
            ),
        script:
            "../scripts/reward_accuracy_judge.py"


rule reward_accuracy:
    input:
        evaluations.reward_accuracy.metrics.values(),
        figure_files("figure_reward_accuracy")
        if evaluations.reward_accuracy.metrics
        else [],
