# The figures, one row each: the function in icr/figures that draws it, the files whose contents it
# gets, and its settings. A new figure is one drawing function and one row. The paper's are targets
# by their names: `snakemake figure3`; like a table, such a figure waits for the metric files of what
# it plots, and for nothing else.
from dataclasses import asdict

from icr.evaluation.judged import JUDGED, section_key
from icr.figures import Row
from icr.tables.lineages import signs
from icr.tables.spec import untitled
from icr.workflow.roles import prompt_counts

WIN_RATES = evaluations.xalpacaeval.metrics
ACCURATE = evaluations.reward_accuracy.metrics
# What main's policies are called where a figure shows them.
SIGNS = reporting.judged_signs()
SCORED = signs(policies.lineage("main")) if policies.facts else {}
# By rule; the files of `figure_reward_accuracy` are called `reward-accuracy`.
RUN_FIGURES = {
    "figure_alpha": Row(
        "pairs.alpha_curves",
        {"summaries": reporting.pair_summaries(policies.penalised)},
    ),
    "figure_rewards": Row(
        "pairs.reward_distributions",
        {"summaries": reporting.pair_summaries(policies.implicit)},
    ),
    "figure_training": Row(
        "training.training_curves",
        {
            "curves": {
                policy: paths.training_curves.format(policy=policy)
                for policy in reporting.trained()
            }
        },
    ),
    "figure_scores": Row(
        "scores.score_rise",
        {
            "scores": {
                (policy, number): path
                for policy in SCORED
                for number, path in enumerate(evaluations.oracle_scores(policy))
            }
        },
        {"titles": SCORED},
        table=paths.main_scores,
    ),
    "figure_nlp": Row("nlp.benchmark_scores", {"metrics": evaluations.nlp.metrics}),
    "figure_xalpacaeval": Row(
        "xalpacaeval.win_rate_rise",
        {
            "metrics": {
                (policy, la): WIN_RATES[policy, la]
                for la in settings.experiments["main"].languages
                for policy in SIGNS
                if (policy, la) in WIN_RATES
            }
        },
        {"titles": SIGNS},
    ),
    "figure_mtbench": Row(
        "grades.mtbench_bars", {"metrics": evaluations.mtbench.metrics}
    ),
    **{
        f"figure_{section_key(name)}": Row(
            "grades.score_bars",
            {"metrics": evaluations.judged[name].metrics},
            {"label": JUDGED[name].title},
        )
        for name in settings.evaluation.own
    },
    "figure_reward_accuracy": Row("grades.accuracy_bars", {"metrics": ACCURATE}),
    # Of what was judged, else of what was sampled.
    "figure_lengths": Row(
        "lengths.response_lengths",
        {"judged": WIN_RATES, "sampled": reporting.pair_summaries()},
        {"lineages": {name: policies.lineage(name) for name in settings.experiments}},
    ),
    # Where the pairs of an iteration were judged, and the policy trained on them too.
    "figure_accuracy": Row(
        "accuracy.accuracy_and_win_rate",
        {
            "accuracy": {key: ACCURATE[key] for key in ACCURATE if key in WIN_RATES},
            "win_rate": {key: WIN_RATES[key] for key in ACCURATE if key in WIN_RATES},
        },
    ),
    "figure_costs": Row(
        "costs.run_costs",
        {"provenance": paths.provenance},
        {"benchmarks": paths.benchmarks, "gpus": reporting.gpus_held()},
    ),
}
PAPER_FIGURES = {}
for number, drawing in tables.description.figures.items():
    plan = tables.plan(drawing.table)
    metrics = tables.metrics(drawing.table)
    PAPER_FIGURES[f"figure{number}"] = Row(
        "paper.paper_figure",
        {
            "metrics": list(metrics.values()),
            "paper": f"{CONFIG}/paper/table{drawing.table.number}.csv",
            "footnotes": f"{CONFIG}/paper/footnotes.yaml",
        },
        {
            "measured": list(metrics),
            "drawing": asdict(untitled(drawing)),
            "plan": plan,
            "counts": prompt_counts(policies, plan),
        },
        table=paths.figure.format(name=f"figure{number}", kind="csv"),
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
            pictures(name),
            **({"table": row.table} if row.table else {}),
        log:
            paths.log(pictures(name)[0]),
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
