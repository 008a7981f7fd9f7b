# Base models: downloaded, linked or converted, and the English pairs that align one by DPO.
from icr.workflow.local import file_states


localrules:
    fetch_model,


rule fetch_model:
    input:
        lambda w: local.model(w.model),
    output:
        folder=directory(paths.fetched_model),
    log:
        paths.log(paths.fetched_model),
    wildcard_constraints:
        model=one_of(policies.fetched),
    conda:
        "../envs/training.yaml"
    params:
        code=fingerprint("fetch_model"),
        name="{model}",
        source=lambda w: compared(settings.models[w.model].source),
        chat_template=lambda w: settings.models[w.model].chat_template,
        reward_model=lambda w: w.model in policies.reward_models,
        stop=lambda w: settings.models[w.model].stop,
        files=lambda w: file_states(local.model(w.model)),
    script:
        "../scripts/fetch_model.py"


rule english_pairs:
    input:
        model=lambda w: policies.folder(policies.start(w.policy)),
        prompts=lambda w: paths.english_prompts.format(
            prompts=policies.alignment(w.policy).prompts
        ),
    output:
        paths.english_pairs,
    log:
        paths.log(paths.english_pairs),
    benchmark:
        paths.benchmark(paths.english_pairs)
    wildcard_constraints:
        policy=one_of(policies.aligned),
    conda:
        "../envs/sampling.yaml"
    threads: settings.compute.threads
    resources:
        **resources_of(jobs.english_pairs),
    params:
        code=fingerprint("english_pairs"),
        prompts=lambda w: policies.alignment(w.policy).count,
        facts=lambda w: parameters.facts_of_annotator(w.policy),
        draws=lambda w: parameters.english_draws(w.policy),
        backend=settings.sampling.backend,
        options=settings.sampling.options,
        seed=settings.seed,
    script:
        "../scripts/english_pairs.py"
