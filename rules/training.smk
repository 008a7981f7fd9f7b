# Preference training, which starts from the policy that sampled the responses.

# A resource instead of a parameter: how often a training is saved does not change its policy.
CHECKPOINT_MINUTES = settings.compute.checkpoint_minutes


rule train:
    input:
        policy=lambda w: policies.folder(policies.start(w.policy)),
        pairs=lambda w: blocks.pairs(policies.iterations[w.policy]),
    output:
        policy=directory(paths.policy),
        curves=paths.training_curves,
        summary=paths.training_summary,
    log:
        paths.log(paths.training_summary),
    benchmark:
        paths.benchmark(paths.training_summary)
    wildcard_constraints:
        policy=one_of(policies.iterations),
    conda:
        "../envs/training.yaml"
    threads: max(settings.compute.threads, settings.compute.training_processes)
    resources:
        **resources_of(jobs.train),
        checkpoint_minutes=CHECKPOINT_MINUTES,
    params:
        code=fingerprint("train", loss=lambda w: parameters.loss(w.policy)),
        training=lambda w: parameters.training(w.policy),
        processes=settings.compute.training_processes,
        made=lambda w: parameters.made(w.policy),
        sampled_in=policies.sampling_precision,
    script:
        "../scripts/train.py"


use rule train as align with:
    input:
        policy=lambda w: policies.folder(policies.start(w.policy)),
        pairs=paths.english_pairs,
    output:
        policy=directory(paths.made_model),
        curves=paths.training_curves,
        summary=paths.training_summary,
    wildcard_constraints:
        policy=one_of(policies.aligned),
    resources:
        **resources_of(jobs.align),
        checkpoint_minutes=CHECKPOINT_MINUTES,
    params:
        code=fingerprint("train", loss=lambda w: parameters.loss(w.policy)),
        training=lambda w: parameters.training(w.policy),
        processes=settings.compute.training_processes,
        made=lambda w: parameters.made(w.policy),
        sampled_in=policies.sampling_precision,
