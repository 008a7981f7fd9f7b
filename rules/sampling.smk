# N responses of a policy to each native prompt; one job samples one block of prompts.
rule sample:
    input:
        policy=lambda w: policies.folder(w.policy),
        prompts=paths.prompts,
        checked=ancient(paths.prompts_report),
    output:
        paths.samples,
    log:
        paths.log(paths.samples),
    benchmark:
        paths.benchmark(paths.samples)
    conda:
        "../envs/sampling.yaml"
    threads: settings.compute.threads
    resources:
        **resources_of(jobs.sample),
    params:
        code=fingerprint("sample"),
        policy="{policy}",
        language="{language}",
        first=lambda w: blocks.rows(w.prompts, w.block)[0],
        rows=lambda w: blocks.rows(w.prompts, w.block)[1],
        backend=settings.sampling.backend,
        sampling=compared(settings.sampling, exclude={"backend", "chunk", "options"}),
        options=lambda w: policies.backend_options(w.policy),
        chunk=settings.sampling.chunk,
        seed=settings.seed,
    script:
        "../scripts/sample.py"
