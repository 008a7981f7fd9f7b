# Pairs from the responses to a prompt in all languages together: one job for all languages of an
# iteration, with the files of build_pairs. A rule for each iteration, since their languages differ.
for policy in policies.pooled:

    rule:
        name:
            f"pooled_pairs_{policy.replace('-', '_').replace('.', '_')}"
        input:
            samples=lambda w: blocks.in_all_languages(
                policies.iterations[w.policy], blocks.samples
            ),
            rewards=lambda w: blocks.in_all_languages(
                policies.iterations[w.policy], blocks.natural_rewards
            ),
            arithmetic=ancient(
                lambda w: blocks.in_all_languages(
                    policies.iterations[w.policy], decisions.of_step
                )
            ),
        output:
            pairs=expand(
                paths.pairs,
                language=policies.iterations[policy].settings.languages,
                allow_missing=True,
            ),
            responses=expand(
                paths.pair_responses,
                language=policies.iterations[policy].settings.languages,
                allow_missing=True,
            ),
            summary=expand(
                paths.pair_summary,
                language=policies.iterations[policy].settings.languages,
                allow_missing=True,
            ),
        log:
            paths.log("pairs/{policy}/pooled"),
        benchmark:
            paths.benchmark("pairs/{policy}/pooled")
        wildcard_constraints:
            policy=one_of([policy]),
        conda:
            "../envs/report.yaml"
        resources:
            **resources_of(jobs.pooled_pairs),
        params:
            code=fingerprint(
                "pooled_pairs",
                reward=lambda w: parameters.reward(w.policy),
                pairing=lambda w: parameters.pairing(w.policy),
            ),
            prompts=lambda w: policies.iterations[w.policy].settings.prompts.count,
            settings=lambda w: parameters.pairs(w.policy),
            languages=policies.iterations[policy].settings.languages,
        script:
            "../scripts/pooled_pairs.py"
