# A policy's responses, translated into English by the policy itself.
rule self_translate:
    input:
        policy=lambda w: policies.folder(w.policy),
        samples=lambda w: blocks.sampled(
            w.policy, w.prompts, Span.named(w.languages, w.blocks)
        ),
        prompts=lambda w: expand(
            paths.prompts, prompts=w.prompts, language=languages_of(w.languages)
        ),
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
        languages=lambda w: languages_of(w.languages),
        block=lambda w: settings.prompts[w.prompts].block,
        first=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[0],
        rows=lambda w: blocks.rows(w.prompts, blocks_of(w.blocks))[1],
        target="en",
        request=compared(settings.self_translation),
        backend=settings.sampling.backend,
        options=lambda w: policies.backend_options(w.policy),
        chunk=settings.sampling.chunk,
    script:
        "../scripts/translate_responses.py"
