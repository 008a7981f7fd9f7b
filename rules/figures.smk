# Figures, one row each: the function in icr/figures that draws it, its input files, and its
# settings. A new figure is one drawing function and one row. The paper's figures are targets by
# name (`snakemake figure3`) and depend only on the metric files that they plot.
from dataclasses import asdict

from icr.evaluation.judged import JUDGED, section_key
from icr.figures import Row
from icr.tables.lineages import signs
from icr.tables.spec import untitled
from icr.workflow.roles import prompt_counts

WIN_RATES = evaluations.xalpacaeval.metrics
ACCURACIES = evaluations.reward_accuracy.metrics
# Display names of main's policies, such as π¹.
JUDGED_SIGNS = reporting.judged_signs()
ORACLE_SIGNS = signs(policies.lineage("main")) if policies.facts else {}
# By rule name; the files of `figure_reward_accuracy` are named `reward-accuracy`.
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
                for policy in ORACLE_SIGNS
                for number, path in enumerate(evaluations.oracle_scores(policy))
            }
        },
        {"titles": ORACLE_SIGNS},
        table=paths.main_scores,
    ),
    "figure_nlp": Row("nlp.benchmark_scores", {"metrics": evaluations.nlp.metrics}),
    "figure_xalpacaeval": Row(
        "xalpacaeval.win_rate_rise",
        {
            "metrics": {
                (policy, la): WIN_RATES[policy, la]
                for la in settings.experiments["main"].languages
                for policy in JUDGED_SIGNS
                if (policy, la) in WIN_RATES
            }
        },
        {"titles": JUDGED_SIGNS},
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
    "figure_reward_accuracy": Row("grades.accuracy_bars", {"metrics": ACCURACIES}),
    # Lengths of judged outputs; without a judge, of sampled responses.
    "figure_lengths": Row(
        "lengths.response_lengths",
        {"judged": WIN_RATES, "sampled": reporting.pair_summaries()},
        {"lineages": {name: policies.lineage(name) for name in settings.experiments}},
    ),
    # Iterations for which both the pairs and the policy trained on them were judged.
    "figure_accuracy": Row(
        "accuracy.accuracy_and_win_rate",
        {
            "accuracy": {
                key: ACCURACIES[key] for key in ACCURACIES if key in WIN_RATES
            },
            "win_rate": {key: WIN_RATES[key] for key in ACCURACIES if key in WIN_RATES},
        },
    ),
    # Systems in one setting, if the run has several.
    "figure_rivals": Row(
        "rivals.comparison",
        {"metrics": list(rivals.metrics().values()) if rivals.compared else []},
        {
            "measured": list(rivals.metrics()),
            "table": asdict(rivals.table),
            "plan": rivals.plan(),
        },
    ),
    "figure_rewardbench": Row(
        "rewardbench.accuracy_by_language", {"metrics": rewardbench.metrics}
    ),
    "figure_representation": Row(
        "rewardbench.representation_shift",
        {
            "shifts": (
                {"all": paths.representation_table.format(kind="csv")}
                if rewardbench.bases
                else {}
            )
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
            "paper": f"{CONFIG}/paper/{drawing.table.file}.csv",
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
# Without figures for which this run has no data.
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
            figure_files(name),
            **({"table": row.table} if row.table else {}),
        log:
            paths.log(figure_files(name)[0]),
        localrule: True
        conda:
            "../envs/report.yaml"
        params:
            code=fingerprint("figure", also=f"icr.figures.{row.draw}"),
            draw=row.draw,
            labels=row.labels,
            settings=row.settings,
        script:
            "../scripts/figure.py"


rule figures:
    input:
        [path for name in PAPER_FIGURES for path in figure_files(name)],
