# N responses of a policy to each native prompt: some blocks of prompts in some languages a job.
rule sample:
    input:
        policy=lambda w: policies.folder(w.policy),
        prompts=lambda w: expand(
            paths.prompts, prompts=w.prompts, language=languages_of(w.languages)
        ),
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
        languages=lambda w: languages_of(w.languages),
        block=lambda w: settings.prompts[w.prompts].block,
        first=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[0],
        rows=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[1],
        backend=settings.sampling.backend,
        sampling=compared(settings.sampling, exclude={"backend", "chunk", "options"}),
        options=lambda w: policies.backend_options(w.policy),
        chunk=settings.sampling.chunk,
        seed=settings.seed,
    script:
        "../scripts/sample.py"
