# Language Imbalance Driven Rewarding: greedy answers, their translations, and pairs of both.
GREEDY = "{policy}/{prompts}/{language}/{first}"
BOTH = "{policy}/{prompts}/{language}-{target}/{first}"


use rule sample as greedy with:
    output:
        f"{RESULTS}/greedy/{GREEDY}.parquet",
    log:
        f"{LOGS}/greedy/{GREEDY}.log",
    benchmark:
        f"{BENCHMARKS}/greedy/{GREEDY}.tsv"
    resources:
        **asks(jobs.greedy),
    params:
        code=code("sample"),
        policy="{policy}",
        language="{language}",
        first=0,
        rows=lambda w: int(w.first),
        backend=settings.sampling.backend,
        sampling={
            "n": 1,
            "temperature": 0.0,
            "max_tokens": settings.sampling.max_tokens,
        },
        options=lambda w: dag.backend_options(w.policy),
        chunk=settings.sampling.chunk,
        seed=settings.seed,


use rule self_translate as greedy_translate with:
    input:
        policy=lambda w: dag.model_folder(w.policy),
        samples=f"{RESULTS}/greedy/{GREEDY}.parquet",
    output:
        f"{RESULTS}/greedy-translations/{BOTH}.parquet",
    log:
        f"{LOGS}/greedy-translations/{BOTH}.log",
    benchmark:
        f"{BENCHMARKS}/greedy-translations/{BOTH}.tsv"
    resources:
        **asks(jobs.greedy_translate),
    params:
        code=code("translate_responses", languages=lambda w: [w.target]),
        target="{target}",
        request=compared(settings.self_translation),
        backend=settings.sampling.backend,
        options=lambda w: dag.backend_options(w.policy),
        chunk=settings.sampling.chunk,


rule lidr_pairs:
    input:
        unpack(lambda w: dag.lidr_answers(dag.iterations[w.policy], w.language)),
    output:
        pairs=f"{RESULTS}/pairs/{{policy}}/{{language}}.parquet",
        summary=f"{RESULTS}/pairs/{{policy}}/{{language}}.json",
    log:
        f"{LOGS}/pairs/{{policy}}/{{language}}.log",
    wildcard_constraints:
        policy=one_of(dag.lidr),
    conda:
        "../envs/report.yaml"
    resources:
        **asks(jobs.lidr_pairs),
    params:
        code=code("lidr_pairs"),
        others=lambda w: dag.lidr_sources(dag.iterations[w.policy].settings, w.language),
        settings=lambda w: dag.lidr_settings(w.policy),
    script:
        "../scripts/lidr_pairs.py"
