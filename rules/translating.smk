# A policy's responses, translated into English by the policy itself.
rule self_translate:
    input:
        policy=lambda w: policies.folder(w.policy),
        samples=paths.samples,
    output:
        paths.translations,
    log:
        paths.log(paths.translations),
    benchmark:
        paths.benchmark(paths.translations)
    conda:
        "../envs/sampling.yaml"
    threads: settings.compute.threads
    resources:
        **resources_of(jobs.self_translate),
    params:
        code=fingerprint("translate_responses", languages=lambda w: ["en"]),
        target="en",
        request=compared(settings.self_translation),
        backend=settings.sampling.backend,
        options=lambda w: policies.backend_options(w.policy),
        chunk=settings.sampling.chunk,
    script:
        "../scripts/translate_responses.py"
