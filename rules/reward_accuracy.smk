# Reward accuracy: a judge compares chosen and rejected responses of some pairs (Table 1).
if settings.evaluation.reward_accuracy:
    COMPARED = settings.evaluation.reward_accuracy
    REWARD_ACCURACY = [
        f"{RESULTS}/reward-accuracy/{policy}/{language}/metrics.json"
        for policy in dict.fromkeys(map(dag.policy_named, COMPARED.experiments))
        for language in dag.iterations[policy].settings.languages
        if language in (COMPARED.languages or [language])
    ]

    localrules:
        figure_reward_accuracy,

    rule reward_accuracy_judge:
        input:
            judge=dag.judge_inputs(COMPARED.judge),
            pairs=f"{RESULTS}/pairs/{{policy}}/{{language}}.parquet",
        output:
            metrics=f"{RESULTS}/reward-accuracy/{{policy}}/{{language}}/metrics.json",
            pairs=f"{RESULTS}/reward-accuracy/{{policy}}/{{language}}/pairs.csv",
        log:
            f"{LOGS}/reward-accuracy/{{policy}}/{{language}}.log",
        benchmark:
            f"{BENCHMARKS}/reward-accuracy/{{policy}}/{{language}}.tsv"
        wildcard_constraints:
            policy=one_of(dag.iterations),
        conda:
            f"../envs/{dag.judge_environment(COMPARED.judge)}.yaml"
        resources:
            **asks(jobs.reward_accuracy_judge),
        params:
            code=code("reward_accuracy_judge", languages=lambda w: [w.language]),
            pairs=COMPARED.pairs,
            seed=settings.seed,
            judge=dag.judge(COMPARED.judge),
            max_tokens=COMPARED.judge_tokens,
            store=lambda w: dag.verdicts(
                COMPARED.judge, "reward-accuracy", w.policy, w.language
            ),
        script:
            "../scripts/reward_accuracy_judge.py"

    rule figure_reward_accuracy:
        input:
            REWARD_ACCURACY,
        output:
            multiext(f"{RESULTS}/figures/reward-accuracy", ".pdf", ".png"),
        log:
            f"{LOGS}/figures/reward-accuracy.log",
        conda:
            "../envs/report.yaml"
        params:
            code=code("figure_reward_accuracy"),
        script:
            "../scripts/figure_reward_accuracy.py"

else:
    REWARD_ACCURACY = []


rule reward_accuracy:
    input:
        REWARD_ACCURACY,
        rules.figure_reward_accuracy.output if REWARD_ACCURACY else [],
