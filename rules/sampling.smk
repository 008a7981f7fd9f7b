# N responses of a policy to each native prompt, a block of prompts a job.
rule sample:
    input:
        policy=lambda w: dag.model_folder(w.policy),
        prompts="resources/prompts/{prompts}/{language}.jsonl",
        checked=ancient("resources/prompts/{prompts}/report.json"),
    output:
        f"{RESULTS}/samples/{{policy}}/{{prompts}}/{{language}}/{{block}}.parquet",
    log:
        f"{LOGS}/samples/{{policy}}/{{prompts}}/{{language}}/{{block}}.log",
    benchmark:
        f"{BENCHMARKS}/samples/{{policy}}/{{prompts}}/{{language}}/{{block}}.tsv"
    conda:
        "../envs/sampling.yaml"
    threads: settings.compute.threads
    resources:
        **asks(jobs.sample),
    params:
        code=code("sample"),
        policy="{policy}",
        language="{language}",
        first=lambda w: dag.rows(w.prompts, w.block)[0],
        rows=lambda w: dag.rows(w.prompts, w.block)[1],
        backend=settings.sampling.backend,
        sampling=compared(settings.sampling, exclude={"backend", "chunk", "options"}),
        options=lambda w: dag.backend_options(w.policy),
        chunk=settings.sampling.chunk,
        seed=settings.seed,
    script:
        "../scripts/sample.py"
