# A policy's own responses, translated into English by the policy itself.
TRANSLATIONS = "translations/{policy}/{prompts}/{language}/{block}"


rule self_translate:
    input:
        policy=lambda w: dag.model_folder(w.policy),
        samples=f"{RESULTS}/samples/{{policy}}/{{prompts}}/{{language}}/{{block}}.parquet",
    output:
        f"{RESULTS}/{TRANSLATIONS}.parquet",
    log:
        f"{LOGS}/{TRANSLATIONS}.log",
    benchmark:
        f"{BENCHMARKS}/{TRANSLATIONS}.tsv"
    conda:
        "../envs/sampling.yaml"
    threads: settings.compute.threads
    resources:
        **asks(jobs.self_translate),
    params:
        code=code("translate_responses", languages=lambda w: ["en"]),
        target="en",
        request=compared(settings.self_translation),
        backend=settings.sampling.backend,
        options=lambda w: dag.backend_options(w.policy),
        chunk=settings.sampling.chunk,
    script:
        "../scripts/translate_responses.py"
