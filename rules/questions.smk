# Questions, references and stored outputs of the benchmarks, one file a language; what judges need.
from icr.workflow.local import states

# How a judge is asked decides no verdict, so scripts read it here and not from their parameters.
ASKING = {"answers_as", "api", "key", "concurrency", "timeout", "tries", "tolerance"}
config["asking"] = {
    name: judge.model_dump(include=ASKING) for name, judge in settings.judges.items()
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
        code=code("fetch_rows"),
        kind="questions",
        source=lambda w: compared(
            fetched.file_source(w.questions, w.language, "source")
        ),
        files=lambda w: states(local.questions(w.questions, w.language, "source")),
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
        code=code("fetch_rows"),
        kind="answers",
        source=lambda w: compared(
            fetched.file_source(w.questions, w.language, "references")
        ),
        files=lambda w: states(local.questions(w.questions, w.language, "references")),


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
        **asks(jobs.miniature),
    params:
        code=code("miniature_questions"),
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
