# Parallel prompts, one file a language: downloaded, the user's own, or translated.
from icr.config.prompts import MiniaturePrompts, TranslatedPrompts
from icr.workflow.local import states

TRANSLATED = {
    n: s for n, s in settings.prompts.items() if isinstance(s.source, TranslatedPrompts)
}
QUESTIONS = {
    n: s for n, s in settings.prompts.items() if isinstance(s.source, MiniaturePrompts)
}
# How fast a model translates decides no translation, so the script reads it here.
config["translators"] = {
    name: dag.backend_options(by.model)
    for name, chosen in TRANSLATED.items()
    if (by := chosen.source.translate).model is not None
}


localrules:
    fetch_prompts,
    check_prompts,


rule fetch_prompts:
    input:
        lambda w: dag.local_prompts(w.prompts, w.language),
    output:
        "resources/prompts/{prompts}/{language}.jsonl",
    log:
        "resources/logs/prompts/{prompts}/{language}.log",
    wildcard_constraints:
        prompts=one_of(n for n in settings.prompts if n not in QUESTIONS),
    conda:
        "../envs/training.yaml"
    params:
        code=code("fetch_prompts"),
        source=lambda w: dag.prompt_source(w.prompts),
        files=lambda w: states(dag.local_prompts(w.prompts, w.language)),
    script:
        "../scripts/fetch_prompts.py"


if TRANSLATED:

    ruleorder: translate > fetch_prompts


rule translate:
    input:
        english="resources/prompts/{prompts}/en.jsonl",
        model=lambda w: [
            dag.model_folder(name)
            for name in [TRANSLATED[w.prompts].source.translate.model]
            if name is not None
        ],
        translations=lambda w: dag.local_prompts(w.prompts, w.language),
    output:
        prompts="resources/prompts/{prompts}/{language}.jsonl",
    log:
        "resources/logs/prompts/{prompts}/{language}.log",
    wildcard_constraints:
        prompts=one_of(TRANSLATED),
        language="(?!en)[a-z]{2}",
    conda:
        "../envs/sampling.yaml"
    resources:
        **asks(jobs.translate),
    params:
        code=code("translate", languages=lambda w: [w.language]),
        translate=lambda w: dag.translation(w.prompts),
        files=lambda w: states(dag.local_prompts(w.prompts, w.language)),
    script:
        "../scripts/translate.py"


rule check_prompts:
    input:
        lambda w: [dag.prompt_file(w.prompts, la) for la in dag.languages_of(w.prompts)],
    output:
        "resources/prompts/{prompts}/report.json",
    log:
        "resources/logs/prompts/{prompts}/check.log",
    conda:
        "../envs/training.yaml"
    params:
        code=code("check_prompts"),
        languages=lambda w: dag.languages_of(w.prompts),
        size=lambda w: settings.prompts[w.prompts].size,
    script:
        "../scripts/check_prompts.py"
