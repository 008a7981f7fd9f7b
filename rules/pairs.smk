# Reward, length penalty and pairs of one language of one iteration.
def scores(which):
    """Input function: the log-probabilities that the policy or its reference gives."""

    def blocks(wildcards):
        step = dag.iterations[wildcards.policy]
        return dag.logprobs(step.start, getattr(step, which), step.settings, wildcards.language)

    return blocks


rule build_pairs:
    input:
        samples=lambda w: dag.samples(
            dag.iterations[w.policy].start, dag.iterations[w.policy].settings, w.language
        ),
        policy=scores("start"),
        reference=scores("reference"),
    output:
        pairs=RESULTS + "/pairs/{policy}/{language}.parquet",
        responses=RESULTS + "/pairs/{policy}/{language}.responses.parquet",
        summary=RESULTS + "/pairs/{policy}/{language}.json",
    wildcard_constraints:
        policy=one_of(dag.iterations),
    params:
        code=code("pairs"),
        prompts=lambda w: dag.iterations[w.policy].settings.prompts.count,
        settings=lambda w: dag.pair_settings(w.policy),
    log:
        LOGS + "/pairs/{policy}/{language}.log",
    benchmark:
        BENCHMARKS + "/pairs/{policy}/{language}.tsv"
    conda:
        "../envs/report.yaml"
    script:
        "../scripts/pairs.py"
