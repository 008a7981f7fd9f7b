# Pairs without rewards, made of greedy answers and their translations.
use rule sample as greedy with:
    input:
        policy=lambda w: policies.folder(w.policy),
        prompts=[paths.prompts],
        checked=ancient(paths.prompts_report),
    output:
        paths.greedy,
    log:
        paths.log(paths.greedy),
    benchmark:
        paths.benchmark(paths.greedy)
    resources:
        **resources_of(jobs.greedy),
    params:
        code=fingerprint("sample"),
        policy="{policy}",
        languages=["{language}"],
        block=None,
        first=0,
        rows=lambda w: int(w.first),
        backend=settings.sampling.backend,
        sampling={
            "n": 1,
            "temperature": 0.0,
            "max_tokens": settings.sampling.max_tokens,
        },
        options=lambda w: policies.backend_options(w.policy),
        chunk=settings.sampling.chunk,
        seed=settings.seed,


use rule self_translate as greedy_translate with:
    input:
        policy=lambda w: policies.folder(w.policy),
        samples=[paths.greedy],
        prompts=[paths.prompts],
    output:
        paths.greedy_translations,
    log:
        paths.log(paths.greedy_translations),
    benchmark:
        paths.benchmark(paths.greedy_translations)
    resources:
        **resources_of(jobs.greedy_translate),
    params:
        code=fingerprint("translate_responses", languages=lambda w: [w.target]),
        languages=["{language}"],
        block=None,
        first=0,
        rows=lambda w: int(w.first),
        target="{target}",
        request=compared(settings.self_translation),
        backend=settings.sampling.backend,
        options=lambda w: policies.backend_options(w.policy),
        chunk=settings.sampling.chunk,


rule answer_pairs:
    input:
        unpack(for_iteration(greedy.answers)),
    output:
        pairs=paths.pairs,
        summary=paths.pair_summary,
    log:
        paths.log(paths.pairs),
    wildcard_constraints:
        policy=one_of(policies.unrewarded),
    conda:
        "../envs/report.yaml"
    resources:
        **resources_of(jobs.answer_pairs),
    params:
        code=fingerprint("answer_pairs", pairing=lambda w: parameters.pairing(w.policy)),
        others=for_iteration(greedy.others),
        settings=lambda w: parameters.answer_pairs(w.policy),
    script:
        "../scripts/answer_pairs.py"
