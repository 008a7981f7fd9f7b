# The miniature world: its model, its questions, and the oracle that knows the answers.
from icr.miniature.claims import claimed_policies, read_claims
from icr.miniature.world import named_languages
from icr.workflow.roles import policy_of

FACTS = {n: m.source.miniature for n, m in settings.models.items() if n in MINIATURE}


localrules:
    miniature_prompts,
    miniature_choices,
    claims,


rule miniature_model:
    input:
        lambda w: FACTS[w.model],
    output:
        directory(f"{RESULTS}/models/{{model}}"),
    log:
        f"{LOGS}/models/{{model}}.log",
    benchmark:
        f"{BENCHMARKS}/models/{{model}}.tsv"
    wildcard_constraints:
        model=one_of(MINIATURE),
    conda:
        "../envs/training.yaml"
    resources:
        **asks(jobs.miniature),
    params:
        code=code(
            "miniature_model", languages=lambda w: named_languages(FACTS[w.model])
        ),
        sft=lambda w: dag.miniature_sft(w.model),
        seed=settings.seed,
    script:
        "../scripts/miniature_model.py"


rule miniature_prompts:
    input:
        lambda w: QUESTIONS[w.prompts].source.miniature,
    output:
        "resources/prompts/{prompts}/{language}.jsonl",
    log:
        "resources/logs/prompts/{prompts}/{language}.log",
    wildcard_constraints:
        prompts=one_of(QUESTIONS),
    conda:
        "../envs/training.yaml"
    params:
        code=code("miniature_prompts"),
        language="{language}",
    script:
        "../scripts/miniature_prompts.py"


rule miniature_choices:
    input:
        list(FACTS.values())[:1],
    output:
        "resources/nlp/miniature/{language}.jsonl",
    log:
        "resources/logs/nlp/miniature/{language}.log",
    conda:
        "../envs/training.yaml"
    params:
        code=code("miniature_choices"),
        language="{language}",
    script:
        "../scripts/miniature_choices.py"


rule oracle_scores:
    input:
        policy=lambda w: dag.model_folder(w.policy),
        facts=list(FACTS.values())[:1],
    output:
        f"{RESULTS}/scores/{{policy}}/{{languages}}.parquet",
    log:
        f"{LOGS}/scores/{{policy}}/{{languages}}.log",
    benchmark:
        f"{BENCHMARKS}/scores/{{policy}}/{{languages}}.tsv"
    conda:
        "../envs/sampling.yaml"
    resources:
        **asks(jobs.miniature),
    params:
        code=code("oracle_scores"),
        languages=lambda w: w.languages.split("-"),
        backend=settings.sampling.backend,
        options=settings.sampling.options,
        max_tokens=settings.sampling.max_tokens,
        seed=settings.seed,
    script:
        "../scripts/oracle_scores.py"


# Claims whose policies and evaluations this run has, under the policies' own names. Only rewards
# are accurate.
FOREIGN = [la for la in settings.experiments["main"].languages if la != "en"]
EVALUATIONS = {"mtbench": "mtbench", "mc2": "nlp"}
CLAIMED = []
CLAIM_METRICS = {}
for claim in read_claims(f"{workflow.basedir}/config/miniature/claims.yaml"):
    policies = [policy_of(dag, name) for name in claim["policies"]]
    if not MINIATURE or None in policies or len(set(policies)) < 2:
        continue
    if claim["measure"] == "accuracy" and not set(policies) <= set(dag.rewarded):
        continue
    if claim["measure"] in EVALUATIONS:
        files = {
            policy: [
                f"{RESULTS}/{EVALUATIONS[claim['measure']]}/{policy}/{la}/metrics.json"
                for la in FOREIGN
            ]
            for policy in policies
        }
        if not {path for paths in files.values() for path in paths} <= {*MTBENCH, *NLP}:
            continue
        CLAIM_METRICS[claim["measure"]] = files
    CLAIMED.append({**claim, "policies": policies})

CLAIM_POLICIES = claimed_policies(CLAIMED, "win_rate", "length")
CLAIM_REWARDS = {
    policy: [
        (
            la,
            dag.samples(
                dag.iterations[policy].start, dag.iterations[policy].settings, la
            ),
            f"{RESULTS}/pairs/{policy}/{la}.responses.parquet",
        )
        for la in FOREIGN
    ]
    for policy in claimed_policies(CLAIMED, "accuracy")
}


rule claims:
    input:
        facts=list(FACTS.values())[:1],
        scores=[path for policy in CLAIM_POLICIES for path in dag.oracle_scores(policy)],
        rewarded=[
            path
            for rows in CLAIM_REWARDS.values()
            for _, samples, responses in rows
            for path in [*samples, responses]
        ],
        metrics=[
            path
            for files in CLAIM_METRICS.values()
            for paths in files.values()
            for path in paths
        ],
    output:
        f"{RESULTS}/claims.json",
    log:
        f"{LOGS}/claims.log",
    conda:
        "../envs/report.yaml"
    params:
        code=code("claims"),
        claims=CLAIMED,
        rewarded=CLAIM_REWARDS,
        metrics=CLAIM_METRICS,
        languages=settings.experiments["main"].languages,
        foreign=FOREIGN,
    script:
        "../scripts/claims.py"
