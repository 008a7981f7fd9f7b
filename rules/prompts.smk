# Parallel prompts, one file per language: downloaded, the user's own, or translated.
from icr.workflow.local import file_states

# Not a parameter: the translating model's GPUs change no translation.
config["translators"] = {
    name: policies.backend_options(source.translate.model)
    for name, source in fetched.translated_prompts.items()
    if source.translate.model is not None
}


localrules:
    fetch_prompts,
    check_prompts,


rule fetch_prompts:
    input:
        lambda w: local.prompts(w.prompts, w.language),
    output:
        paths.prompts,
    log:
        paths.log(paths.prompts),
    wildcard_constraints:
        prompts=one_of(fetched.fetched_prompts),
    conda:
        "../envs/training.yaml"
    params:
        code=fingerprint("fetch_prompts"),
        source=lambda w: parameters.prompt_source(w.prompts),
        files=lambda w: file_states(local.prompts(w.prompts, w.language)),
    script:
        "../scripts/fetch_prompts.py"


if fetched.translated_prompts:

    ruleorder: translate > fetch_prompts


rule translate:
    input:
        english=paths.english_prompts,
        model=lambda w: [
            policies.folder(name)
            for name in [fetched.translated_prompts[w.prompts].translate.model]
            if name is not None
        ],
        translations=lambda w: local.prompts(w.prompts, w.language),
    output:
        prompts=paths.prompts,
    log:
        paths.log(paths.prompts),
    wildcard_constraints:
        prompts=one_of(fetched.translated_prompts),
        language="(?!en)[a-z]{2}",
    conda:
        "../envs/sampling.yaml"
    resources:
        **resources_of(jobs.translate),
    params:
        code=fingerprint("translate", languages=lambda w: [w.language]),
        translate=lambda w: fetched.translation(w.prompts),
        files=lambda w: file_states(local.prompts(w.prompts, w.language)),
    script:
        "../scripts/translate.py"


rule check_prompts:
    input:
        lambda w: expand(
            paths.prompts,
            prompts=w.prompts,
            language=settings.prompts[w.prompts].languages,
        ),
    output:
        paths.prompts_report,
    log:
        paths.log("resources/prompts/{prompts}/check"),
    conda:
        "../envs/training.yaml"
    params:
        code=fingerprint("check_prompts"),
        languages=lambda w: list(settings.prompts[w.prompts].languages),
        size=lambda w: settings.prompts[w.prompts].size,
    script:
        "../scripts/check_prompts.py"
