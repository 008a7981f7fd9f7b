# Questions, references and stored outputs of the benchmarks, one file a language; what judges need.
from icr.config.questions import MiniatureFiles


def file_source(wildcards, kind):
    """Where a question set's questions (``source``) or ``references`` come from."""
    return getattr(
        settings.questions[wildcards.questions].files(wildcards.language), kind
    )


def made_here(kind):
    """The question sets whose files of this kind are the miniature's."""
    return [
        name
        for name, chosen in settings.questions.items()
        if isinstance(getattr(chosen, kind), MiniatureFiles)
    ]


def judge_env(name):
    """The environment that asks a judge: a model that vLLM serves needs vLLM."""
    served = settings.judges[name].serve
    kind = "sampling" if served and served.backend == "vllm" else "xalpacaeval"
    return f"../envs/{kind}.yaml"


# How a judge is asked decides no verdict, so scripts read it here and not from their parameters.
ASKING = {"api", "key", "concurrency", "timeout", "tries", "tolerance"}
config["asking"] = {
    name: judge.model_dump(include=ASKING) for name, judge in settings.judges.items()
}


localrules:
    fetch_questions,
    fetch_references,
    miniature_questions,
    miniature_references,


rule fetch_questions:
    output:
        "resources/questions/{questions}/{language}.jsonl",
    log:
        "resources/logs/questions/{questions}/{language}.log",
    wildcard_constraints:
        questions=one_of(n for n in settings.questions if n not in made_here("source")),
    conda:
        "../envs/training.yaml"
    params:
        code=code("fetch_rows"),
        source=lambda w: file_source(w, "source").model_dump(),
    script:
        "../scripts/fetch_rows.py"


use rule fetch_questions as fetch_references with:
    output:
        "resources/references/{questions}/{language}.json",
    log:
        "resources/logs/references/{questions}/{language}.log",
    wildcard_constraints:
        questions=one_of(
            n for n in settings.questions if n not in made_here("references")
        ),
    params:
        code=code("fetch_rows"),
        source=lambda w: file_source(w, "references").model_dump(),


rule miniature_questions:
    input:
        lambda w: file_source(w, "source").miniature,
    output:
        "resources/questions/{questions}/{language}.jsonl",
    log:
        "resources/logs/questions/{questions}/{language}.log",
    wildcard_constraints:
        questions=one_of(made_here("source")),
    conda:
        "../envs/training.yaml"
    resources:
        **asks(jobs.miniature),
    params:
        code=code("miniature_questions"),
        turns=lambda w: file_source(w, "source").turns,
    script:
        "../scripts/miniature_questions.py"


use rule miniature_questions as miniature_references with:
    input:
        lambda w: file_source(w, "references").miniature,
    output:
        "resources/references/{questions}/{language}.json",
    log:
        "resources/logs/references/{questions}/{language}.log",
    wildcard_constraints:
        questions=one_of(made_here("references")),
