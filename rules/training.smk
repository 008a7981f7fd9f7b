# Preference training, from the policy that sampled.

# A resource and no parameter: how often a training is saved changes no policy.
CHECKPOINT_MINUTES = settings.compute.checkpoint_minutes


rule train:
    input:
        policy=lambda w: dag.model_folder(dag.iterations[w.policy].start),
        pairs=lambda w: dag.pairs(dag.iterations[w.policy]),
    output:
        policy=directory(f"{RESULTS}/policies/{{policy}}"),
        curves=f"{RESULTS}/training/{{policy}}.csv",
        summary=f"{RESULTS}/training/{{policy}}.json",
    log:
        f"{LOGS}/training/{{policy}}.log",
    benchmark:
        f"{BENCHMARKS}/training/{{policy}}.tsv"
    wildcard_constraints:
        policy=one_of(dag.iterations),
    conda:
        "../envs/training.yaml"
    threads: max(settings.compute.threads, settings.compute.training_processes)
    resources:
        **asks(jobs.train),
        checkpoint_minutes=CHECKPOINT_MINUTES,
    params:
        code=code("train", loss=lambda w: dag.loss(w.policy)),
        training=lambda w: dag.training(w.policy),
        processes=settings.compute.training_processes,
        made=lambda w: dag.made(w.policy),
        sampled_in=dag.sampling_precision,
    script:
        "../scripts/train.py"


use rule train as align with:
    input:
        policy=lambda w: dag.model_folder(settings.models[w.policy].source.align),
        pairs=f"{RESULTS}/pairs/{{policy}}/en.parquet",
    output:
        policy=directory(f"{RESULTS}/models/{{policy}}"),
        curves=f"{RESULTS}/training/{{policy}}.csv",
        summary=f"{RESULTS}/training/{{policy}}.json",
    wildcard_constraints:
        policy=one_of(ALIGNED),
    resources:
        **asks(jobs.align),
        checkpoint_minutes=CHECKPOINT_MINUTES,
    params:
        code=code("train", loss=lambda w: dag.loss(w.policy)),
        training=lambda w: dag.training(w.policy),
        processes=settings.compute.training_processes,
        made=lambda w: dag.made(w.policy),
        sampled_in=dag.sampling_precision,
