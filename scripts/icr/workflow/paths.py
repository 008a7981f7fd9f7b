"""Every path of ``results/`` and ``resources/``, spelled as on disk.

To find the rule that writes a file, search for its folder here, then for the name of the path in
``rules/``. In a rule, ``paths.samples`` leaves the wildcards to Snakemake;
``paths.samples.format(policy=…)`` or ``expand`` fills them in.
"""

from typing import overload


class Pattern:
    """A path with wildcards in braces. ``{run}`` is filled in when the path is looked up."""

    def __init__(self, text: str) -> None:
        self.text = text

    @overload
    def __get__(self, paths: None, owner: type) -> "Pattern": ...
    @overload
    def __get__(self, paths: "Paths", owner: type) -> str: ...
    def __get__(self, paths: "Paths | None", owner: type) -> "str | Pattern":
        return self if paths is None else self.text.replace("{run}", paths.run)


class Paths:
    """The paths of one run. All runs of a checkout share ``resources/``."""

    # Downloaded, linked to the user's own files, or made once for all runs.
    fetched_model = Pattern("resources/models/{model}")
    prompts = Pattern("resources/prompts/{prompts}/{language}.jsonl")
    english_prompts = Pattern("resources/prompts/{prompts}/en.jsonl")
    prompts_report = Pattern("resources/prompts/{prompts}/report.json")
    preferences = Pattern("resources/preferences/{preferences}/{language}.parquet")
    questions = Pattern("resources/questions/{questions}/{language}.jsonl")
    references = Pattern("resources/references/{questions}/{language}.json")
    stored_outputs = Pattern("resources/outputs/{policy}/{language}.json")
    length_table = Pattern("resources/length-table/{run}.csv")
    nlp_data = Pattern("resources/nlp/{task}")
    calibration = Pattern("resources/calibration/{run}/{work}.json")
    miniature_choices = Pattern("resources/nlp/miniature/{language}.jsonl")

    # Base models that the workflow makes, and trained policies.
    made_model = Pattern("results/{run}/models/{policy}")
    policy = Pattern("results/{run}/policies/{policy}")
    training_curves = Pattern("results/{run}/training/{policy}.csv")
    training_summary = Pattern("results/{run}/training/{policy}.json")

    # Responses of policies and what is known of them. A file holds what one job made: blocks of
    # prompts (0000-0003) in some languages (en-es).
    samples = Pattern("results/{run}/samples/{policy}/{prompts}/{languages}/{blocks}.parquet")
    translations = Pattern(
        "results/{run}/translations/{policy}/{prompts}/{languages}/{blocks}.parquet"
    )
    logprobs = Pattern(
        "results/{run}/logprobs/{view}/{policy}/{scorer}/{prompts}/{languages}/{blocks}.parquet"
    )
    natural_rewards = Pattern(
        "results/{run}/natural-rewards/{scorer}/{policy}/{prompts}/{languages}/{blocks}.parquet"
    )
    hidden_states = Pattern(
        "results/{run}/hidden-states/{layer}/{policy}/{prompts}/{languages}/{blocks}.parquet"
    )
    # In which arithmetic they are scored, where scoring.precision is auto.
    arithmetic = Pattern("results/{run}/arithmetic/{view}/{policy}/{prompts}/{languages}.json")
    natural_arithmetic = Pattern(
        "results/{run}/natural-arithmetic/{scorer}/{policy}/{prompts}/{languages}.json"
    )
    greedy = Pattern("results/{run}/greedy/{policy}/{prompts}/{language}/{first}.parquet")
    greedy_translations = Pattern(
        "results/{run}/greedy-translations/{policy}/{prompts}/{language}-{target}/{first}.parquet"
    )

    # Pairs for the training of an iteration or of an aligned base model.
    pairs = Pattern("results/{run}/pairs/{policy}/{language}.parquet")
    pair_responses = Pattern("results/{run}/pairs/{policy}/{language}.responses.parquet")
    pair_summary = Pattern("results/{run}/pairs/{policy}/{language}.json")
    english_pairs = Pattern("results/{run}/pairs/{policy}/en.parquet")

    # Evaluations. One file of answers holds several languages, joined by dashes.
    xalpacaeval_answers = Pattern("results/{run}/xalpacaeval/{policy}/samples/{languages}.parquet")
    xalpacaeval_outputs = Pattern("results/{run}/xalpacaeval/{policy}/{language}/outputs.json")
    xalpacaeval_annotations = Pattern(
        "results/{run}/xalpacaeval/{policy}/{language}/annotations.json"
    )
    xalpacaeval_judging = Pattern("results/{run}/xalpacaeval/{policy}/{language}/judging.json")
    xalpacaeval_questions = Pattern("results/{run}/xalpacaeval/{policy}/{language}/questions.csv")
    xalpacaeval_draws = Pattern("results/{run}/xalpacaeval/{policy}/{language}/lc_draws.csv")
    xalpacaeval_metrics = Pattern("results/{run}/xalpacaeval/{policy}/{language}/metrics.json")
    mtbench_answers = Pattern("results/{run}/mtbench/{policy}/answers/{languages}.jsonl")
    mtbench_verdicts = Pattern("results/{run}/mtbench/{policy}/{language}/verdicts.jsonl")
    mtbench_questions = Pattern("results/{run}/mtbench/{policy}/{language}/questions.csv")
    mtbench_metrics = Pattern("results/{run}/mtbench/{policy}/{language}/metrics.json")
    nlp_scores = Pattern("results/{run}/nlp/{policy}/scores/{languages}.json")
    nlp_metrics = Pattern("results/{run}/nlp/{policy}/{language}/metrics.json")
    reward_accuracy_pairs = Pattern("results/{run}/reward-accuracy/{policy}/{language}/pairs.csv")
    reward_accuracy_metrics = Pattern(
        "results/{run}/reward-accuracy/{policy}/{language}/metrics.json"
    )
    # Rewards of preference triples: scores of both responses by a model, and their accuracy.
    triple_scores = Pattern("results/{run}/rewardbench/scores/{view}/{scorer}/{language}.parquet")
    rewardbench_triples = Pattern(
        "results/{run}/rewardbench/{view}/{rewarded}/{language}/triples.parquet"
    )
    rewardbench_metrics = Pattern(
        "results/{run}/rewardbench/{view}/{rewarded}/{language}/metrics.json"
    )
    rewardbench_table = Pattern("results/{run}/rewardbench/table.{kind}")
    # Hidden states of the triples, and how close they are to one line.
    triple_states = Pattern("results/{run}/rewardbench/states/{scorer}/{language}.parquet")
    representation_triples = Pattern(
        "results/{run}/rewardbench/representation/{scorer}/triples.parquet"
    )
    representation_metrics = Pattern(
        "results/{run}/rewardbench/representation/{scorer}/metrics.json"
    )
    representation_table = Pattern("results/{run}/rewardbench/representation.{kind}")
    # The user's own judged benchmarks.
    own_answers = Pattern("results/{run}/{evaluation}/{policy}/answers/{languages}.parquet")
    own_verdicts = Pattern("results/{run}/{evaluation}/{policy}/{language}/verdicts.jsonl")
    own_questions = Pattern("results/{run}/{evaluation}/{policy}/{language}/questions.csv")
    own_metrics = Pattern("results/{run}/{evaluation}/{policy}/{language}/metrics.json")

    # Scores of the miniature's oracle.
    main_scores = Pattern("results/{run}/scores/main.csv")
    oracle_scores = Pattern("results/{run}/scores/{policy}/{languages}.parquet")
    claims = Pattern("results/{run}/claims.json")

    # Raw verdicts: not outputs of a rule, so that Snakemake never deletes them after a failure.
    xalpacaeval_kept = Pattern(
        "results/{run}/verdicts/{judge}/xalpacaeval/{policy}/{language}.jsonl"
    )
    mtbench_kept = Pattern("results/{run}/verdicts/{judge}/mtbench/{policy}.jsonl")
    reward_accuracy_kept = Pattern(
        "results/{run}/verdicts/{judge}/reward-accuracy/{policy}/{language}.jsonl"
    )
    own_kept = Pattern("results/{run}/verdicts/{judge}/{evaluation}/{policy}.jsonl")

    # For readers: tables, figures, the report and the record of the run.
    table = Pattern("results/{run}/tables/{table}.{kind}")
    figure = Pattern("results/{run}/figures/{name}.{kind}")
    config = Pattern("results/{run}/config.yaml")
    provenance = Pattern("results/{run}/provenance.json")
    report = Pattern("results/{run}/report.html")

    results = Pattern("results/{run}")
    benchmarks = Pattern("results/{run}/benchmarks")
    failures = Pattern("results/{run}/logs/failures.jsonl")

    def __init__(self, run: str) -> None:
        self.run = run

    def log(self, job: str) -> str:
        """The log of a job, which is identified by one of its outputs or by a name within the run.

        Both ``results/{run}/samples/….parquet`` and the name ``samples/…`` have the log
        ``results/{run}/logs/samples/….log``; logs of ``resources/`` are in ``resources/logs/``.
        """
        return self._beside(job, "logs", ".log")

    def benchmark(self, job: str) -> str:
        """The benchmark file of a job; ``job`` is as in :meth:`log`."""
        return self._beside(job, "benchmarks", ".tsv")

    def _beside(self, job: str, folder: str, suffix: str) -> str:
        for root in (f"{self.results}/", "resources/"):
            if job.startswith(root):
                stem, dot, ending = job.removeprefix(root).rpartition(".")
                if not dot or "/" in ending:  # a folder
                    stem = job.removeprefix(root)
                return f"{root}{folder}/{stem}{suffix}"
        return f"{self.results}/{folder}/{job}{suffix}"
