# Rewards, length penalty and preference pairs of one iteration in one language.
rule build_pairs:
    input:
        samples=for_iteration(blocks.samples),
        translations=for_iteration(blocks.translations),
        rewards=for_iteration(blocks.natural_rewards),
        states=for_iteration(blocks.hidden_states),
        english=for_iteration(lambda step, la: blocks.english_samples(step)),
        english_states=for_iteration(lambda step, la: blocks.english_states(step)),
        arithmetic=ancient(for_iteration(decisions.of_step)),
        policy=for_iteration(lambda step, la: blocks.logprobs(step, step.start, la)),
        reference=for_iteration(
            lambda step, la: blocks.logprobs(step, step.reference, la)
        ),
    output:
        pairs=paths.pairs,
        responses=paths.pair_responses,
        summary=paths.pair_summary,
    log:
        paths.log(paths.pairs),
    benchmark:
        paths.benchmark(paths.pairs)
    wildcard_constraints:
        policy=one_of(policies.unpooled),
    conda:
        "../envs/report.yaml"
    resources:
        **resources_of(jobs.build_pairs),
    params:
        code=fingerprint(
            "pairs",
            reward=lambda w: parameters.reward(w.policy),
            pairing=lambda w: parameters.pairing(w.policy),
        ),
        prompts=lambda w: policies.iterations[w.policy].settings.prompts.count,
        settings=lambda w: parameters.pairs(w.policy),
        condition=lambda w: parameters.scored_condition(w.policy, w.language),
        fall=settings.scoring.likelihood_fall,
        reference=lambda w: policies.iterations[w.policy].reference,
        precisions=[policies.sampling_precision, settings.scoring.precision],
    script:
        "../scripts/pairs.py"
