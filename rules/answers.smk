# Pairs without rewards: greedy answers, their translations, and pairs of both.
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
        **asks(jobs.greedy),
    params:
        code=code("sample"),
        policy="{policy}",
        languages=["{language}"],
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
        **asks(jobs.greedy_translate),
    params:
        code=code("translate_responses", languages=lambda w: [w.target]),
        languages=["{language}"],
        first=0,
        rows=lambda w: int(w.first),
        target="{target}",
        request=compared(settings.self_translation),
        backend=settings.sampling.backend,
        options=lambda w: policies.backend_options(w.policy),
        chunk=settings.sampling.chunk,


rule answer_pairs:
    input:
        unpack(of_iteration(greedy.answers)),
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
        **asks(jobs.answer_pairs),
    params:
        code=code("answer_pairs", pairing=lambda w: parameters.pairing(w.policy)),
        others=of_iteration(greedy.others),
        settings=lambda w: parameters.answer_pairs(w.policy),
    script:
        "../scripts/answer_pairs.py"
