# Reward, length penalty and pairs of one language of one iteration.
rule build_pairs:
    input:
        samples=lambda w: dag.samples(
            dag.iterations[w.policy].start,
            dag.iterations[w.policy].settings,
            w.language,
        ),
        translations=lambda w: dag.translations(
            dag.iterations[w.policy].start,
            dag.iterations[w.policy].settings,
            w.language,
        ),
        rewards=lambda w: dag.natural_rewards(
            dag.iterations[w.policy].start,
            dag.iterations[w.policy].settings,
            w.language,
        ),
        policy=scores("start"),
        reference=scores("reference"),
    output:
        pairs=f"{RESULTS}/pairs/{{policy}}/{{language}}.parquet",
        responses=f"{RESULTS}/pairs/{{policy}}/{{language}}.responses.parquet",
        summary=f"{RESULTS}/pairs/{{policy}}/{{language}}.json",
    log:
        f"{LOGS}/pairs/{{policy}}/{{language}}.log",
    benchmark:
        f"{BENCHMARKS}/pairs/{{policy}}/{{language}}.tsv"
    wildcard_constraints:
        policy=one_of(dag.rewarded),
    conda:
        "../envs/report.yaml"
    resources:
        **asks(jobs.build_pairs),
    params:
        code=code("pairs"),
        prompts=lambda w: dag.iterations[w.policy].settings.prompts.count,
        settings=lambda w: dag.pair_settings(w.policy),
        condition=lambda w: dag.scored_condition(w.policy, w.language),
        fall=settings.scoring.likelihood_fall,
        precisions=[dag.sampling_precision, settings.scoring.precision],
    script:
        "../scripts/pairs.py"
