# Questions and references of the judged benchmarks, one file per language, and judge connections.
from icr.workflow.local import file_states

# Not parameters: how a judge is reached changes no verdict.
CONNECTION = {
    "answers_as",
    "api",
    "key",
    "concurrency",
    "timeout",
    "tries",
    "tolerance",
}
config["asking"] = {
    name: judge.model_dump(include=CONNECTION)
    for name, judge in settings.judges.items()
}


localrules:
    fetch_questions,
    fetch_references,
    miniature_questions,
    miniature_references,


rule fetch_questions:
    input:
        lambda w: local.questions(w.questions, w.language, "source"),
    output:
        paths.questions,
    log:
        paths.log(paths.questions),
    wildcard_constraints:
        questions=one_of(fetched.fetched_questions("source")),
    conda:
        "../envs/training.yaml"
    params:
        code=fingerprint("fetch_rows"),
        kind="questions",
        source=lambda w: compared(
            fetched.file_source(w.questions, w.language, "source")
        ),
        files=lambda w: file_states(local.questions(w.questions, w.language, "source")),
    script:
        "../scripts/fetch_rows.py"


use rule fetch_questions as fetch_references with:
    input:
        lambda w: local.questions(w.questions, w.language, "references"),
    output:
        paths.references,
    log:
        paths.log(paths.references),
    wildcard_constraints:
        questions=one_of(fetched.fetched_questions("references")),
    params:
        code=fingerprint("fetch_rows"),
        kind="answers",
        source=lambda w: compared(
            fetched.file_source(w.questions, w.language, "references")
        ),
        files=lambda w: file_states(
            local.questions(w.questions, w.language, "references")
        ),


rule miniature_questions:
    input:
        lambda w: fetched.file_source(w.questions, w.language, "source").miniature,
    output:
        paths.questions,
    log:
        paths.log(paths.questions),
    wildcard_constraints:
        questions=one_of(fetched.miniature_questions("source")),
    conda:
        "../envs/training.yaml"
    resources:
        **resources_of(jobs.miniature),
    params:
        code=fingerprint("miniature_questions"),
        turns=lambda w: fetched.file_source(w.questions, w.language, "source").turns,
    script:
        "../scripts/miniature_questions.py"


use rule miniature_questions as miniature_references with:
    input:
        lambda w: fetched.file_source(w.questions, w.language, "references").miniature,
    output:
        paths.references,
    log:
        paths.log(paths.references),
    wildcard_constraints:
        questions=one_of(fetched.miniature_questions("references")),
