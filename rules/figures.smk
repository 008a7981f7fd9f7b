# The figures, one row each: the function in icr/figures that draws it, the files whose contents it
# gets, and its settings. A new figure is one drawing function and one row. The paper's are targets
# by their names: `snakemake figure3`; like a table, such a figure waits for the metric files of what
# it plots, and for nothing else.
from icr.figures import Row
from icr.tables.lineages import signs
from icr.tables.spec import untitled
from icr.workflow.roles import prompt_counts


def metrics_of(evaluation, languages):
    """Metric files of an evaluation by policy and language."""
    return {
        (policy, la): f"{RESULTS}/{evaluation}/{policy}/{la}/metrics.json"
        for policy, named in languages.items()
        for la in named
    }


def summaries_of(policies):
    """Summaries of pair building by policy and language."""
    return {
        (policy, la): f"{RESULTS}/pairs/{policy}/{la}.json"
        for policy in policies
        for la in dag.iterations[policy].settings.languages
    }


JUDGED = metrics_of("xalpacaeval", X_LANGUAGES)
ACCURATE = metrics_of("reward-accuracy", ACCURACY_LANGUAGES)
SCORED = signs(dag.lineage("main")) if MINIATURE else {}
# By rule; the files of `figure_reward_accuracy` are called `reward-accuracy`.
RUN_FIGURES = {
    "figure_alpha": Row(
        "pairs.alpha_curves", {"summaries": summaries_of(dag.implicit)}
    ),
    "figure_rewards": Row(
        "pairs.reward_distributions", {"summaries": summaries_of(dag.implicit)}
    ),
    "figure_training": Row(
        "training.training_curves",
        {
            "curves": {
                policy: f"{RESULTS}/training/{policy}.csv"
                for policy in (*ALIGNED, *dag.trained)
            }
        },
    ),
    "figure_scores": Row(
        "scores.score_rise",
        {
            "scores": {
                (policy, number): path
                for policy in SCORED
                for number, path in enumerate(dag.oracle_scores(policy))
            }
        },
        {"titles": SCORED},
        table=f"{RESULTS}/scores/main.csv",
    ),
    "figure_nlp": Row(
        "nlp.benchmark_scores", {"metrics": metrics_of("nlp", NLP_LANGUAGES)}
    ),
    "figure_xalpacaeval": Row(
        "xalpacaeval.win_rate_rise",
        {
            "metrics": {
                (policy, la): JUDGED[policy, la]
                for la in settings.experiments["main"].languages
                for policy in X_DRAWN
                if (policy, la) in JUDGED
            }
        },
        {"titles": X_DRAWN},
    ),
    "figure_mtbench": Row(
        "grades.mtbench_bars", {"metrics": metrics_of("mtbench", GRADED_LANGUAGES)}
    ),
    "figure_reward_accuracy": Row("grades.accuracy_bars", {"metrics": ACCURATE}),
    # Of what was judged, else of what was sampled.
    "figure_lengths": Row(
        "lengths.response_lengths",
        {"judged": JUDGED, "sampled": summaries_of(dag.iterations)},
        {"lineages": {name: dag.lineage(name) for name in settings.experiments}},
    ),
    # Where the pairs of an iteration were judged, and the policy trained on them too.
    "figure_accuracy": Row(
        "accuracy.accuracy_and_win_rate",
        {
            "accuracy": {key: ACCURATE[key] for key in ACCURATE if key in JUDGED},
            "win_rate": {key: JUDGED[key] for key in ACCURATE if key in JUDGED},
        },
    ),
    "figure_costs": Row(
        "costs.run_costs",
        {"provenance": f"{RESULTS}/provenance.json"},
        {"benchmarks": BENCHMARKS, "gpus": dag.gpus_held()},
    ),
}
PAPER_FIGURES = {}
for number, drawing in DESCRIPTION.figures.items():
    plan = table_plan(dag, DESCRIPTION, drawing.table, MEASURED)
    PAPER_FIGURES[f"figure{number}"] = Row(
        "paper.paper_figure",
        {
            "metrics": metric_files(drawing.table, plan, MEASURED),
            "paper": f"{CONFIG}/paper/table{drawing.table.number}.csv",
            "footnotes": f"{CONFIG}/paper/footnotes.yaml",
        },
        {
            "drawing": asdict(untitled(drawing)),
            "plan": plan,
            "counts": prompt_counts(dag, plan),
        },
        table=f"{RESULTS}/figures/figure{number}.csv",
    )
# Without those of which this run has nothing to show.
RUN_FIGURES = {
    name: row for name, row in RUN_FIGURES.items() if any(row.inputs.values())
}
FILLED_FIGURES = [
    *RUN_FIGURES,
    *(name for name, row in PAPER_FIGURES.items() if row.inputs["metrics"]),
]


for name, row in {**RUN_FIGURES, **PAPER_FIGURES}.items():

    rule:
        name:
            name
        input:
            **row.files,
        output:
            multiext(f"{RESULTS}/figures/{stem(name)}", ".pdf", ".png"),
            **({"table": row.table} if row.table else {}),
        log:
            f"{LOGS}/figures/{stem(name)}.log",
        localrule: True
        conda:
            "../envs/report.yaml"
        params:
            code=code("figure", also=f"icr.figures.{row.draw}"),
            draw=row.draw,
            labels=row.labels,
            settings=row.settings,
        script:
            "../scripts/figure.py"


rule figures:
    input:
        [path for name in PAPER_FIGURES for path in pictures(name)],
