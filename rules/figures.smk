# The paper's figures, each a target by its name: `snakemake figure3`. Like a table, a figure waits
# for the metric files of what it plots, and for nothing else.
from dataclasses import asdict

from icr.tables.spec import untitled
from icr.workflow.roles import prompt_counts

FIGURES = {
    number: (drawing, tables.plan(drawing.table))
    for number, drawing in tables.description.figures.items()
}
# Those that hold something of this run.
FIGURES_FILLED = [
    paths.figure.format(name=f"figure{number}", kind=kind)
    for number, (drawing, plan) in FIGURES.items()
    if tables.metrics(drawing.table)
    for kind in ("pdf", "png")
]


for number, (drawing, plan) in FIGURES.items():

    rule:
        name:
            f"figure{number}"
        input:
            metrics=tables.metrics(drawing.table).values(),
            description=ancient(f"{CONFIG}/tables.yaml"),
            paper=f"{CONFIG}/paper/table{drawing.table.number}.csv",
            footnotes=f"{CONFIG}/paper/footnotes.yaml",
        output:
            multiext(f"{RESULTS}/figures/figure{number}", ".pdf", ".png"),
            points=f"{RESULTS}/figures/figure{number}.csv",
        log:
            f"{LOGS}/figures/figure{number}.log",
        localrule: True
        conda:
            "../envs/report.yaml"
        params:
            code=code("figure_paper"),
            number=number,
            measured=list(tables.metrics(drawing.table)),
            plan=plan,
            drawing=asdict(untitled(drawing)),
            counts=prompt_counts(policies, plan),
        script:
            "../scripts/figure_paper.py"


rule figures:
    input:
        [
            paths.figure.format(name=f"figure{number}", kind=kind)
            for number in FIGURES
            for kind in ("pdf", "png")
        ],
