# Base models: downloaded, linked, converted, or made from another one by English DPO.
from icr.config.models import AlignedSource, MiniatureSource
from icr.workflow.local import states

ALIGNED = [n for n, m in settings.models.items() if isinstance(m.source, AlignedSource)]
MINIATURE = [
    n for n, m in settings.models.items() if isinstance(m.source, MiniatureSource)
]
FETCHED = [n for n in settings.models if n not in ALIGNED + MINIATURE]


localrules:
    fetch_model,


rule fetch_model:
    input:
        lambda w: dag.local_model(w.model),
    output:
        folder=directory("resources/models/{model}"),
    log:
        "resources/logs/models/{model}.log",
    wildcard_constraints:
        model=one_of(FETCHED),
    conda:
        "../envs/training.yaml"
    params:
        code=code("fetch_model"),
        name="{model}",
        source=lambda w: compared(settings.models[w.model].source),
        chat_template=lambda w: settings.models[w.model].chat_template,
        reward_model=lambda w: w.model in dag.reward_models,
        stop=lambda w: settings.models[w.model].stop,
        files=lambda w: states(dag.local_model(w.model)),
    script:
        "../scripts/fetch_model.py"


rule english_pairs:
    input:
        model=lambda w: dag.model_folder(settings.models[w.model].source.align),
        prompts=lambda w: dag.prompt_file(settings.models[w.model].source.prompts, "en"),
    output:
        f"{RESULTS}/pairs/{{model}}/en.parquet",
    log:
        f"{LOGS}/pairs/{{model}}/en.log",
    benchmark:
        f"{BENCHMARKS}/pairs/{{model}}/en.tsv"
    wildcard_constraints:
        model=one_of(ALIGNED),
    conda:
        "../envs/sampling.yaml"
    threads: settings.compute.threads
    resources:
        **asks(jobs.english_pairs),
    params:
        code=code("english_pairs"),
        prompts=lambda w: settings.models[w.model].source.count,
        facts=lambda w: dag.facts_of_annotator(w.model),
        draws=lambda w: dag.english_draws(w.model),
        backend=settings.sampling.backend,
        options=settings.sampling.options,
        seed=settings.seed,
    script:
        "../scripts/english_pairs.py"
