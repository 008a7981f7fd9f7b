# Reward accuracy: a judge compares chosen and rejected responses of some pairs (Table 1).
if settings.evaluation.reward_accuracy:
    COMPARED = settings.evaluation.reward_accuracy
    ACCURACY_LANGUAGES = {
        policy: [
            language
            for language in dag.iterations[policy].settings.languages
            if language in (COMPARED.languages or [language])
        ]
        for policy in map(dag.policy_named, COMPARED.experiments)
    }
    REWARD_ACCURACY = [
        f"{RESULTS}/reward-accuracy/{policy}/{language}/metrics.json"
        for policy, languages in ACCURACY_LANGUAGES.items()
        for language in languages
    ]

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

else:
    REWARD_ACCURACY = []
    ACCURACY_LANGUAGES = {}


rule reward_accuracy:
    input:
        REWARD_ACCURACY,
        pictures("figure_reward_accuracy") if REWARD_ACCURACY else [],
