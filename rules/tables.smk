# The paper's tables, each a target by its name: `snakemake table2`. A table waits for the metric
# files that this configuration makes for its rows, and for nothing else.
from dataclasses import asdict
from os.path import relpath
from pathlib import Path

from icr.workflow.roles import table_plan
from icr.tables.plan import metric_files
from icr.tables.spec import read_description

# Relative, so that a checkout that was moved or copied has the same inputs.
CONFIG = relpath(f"{workflow.basedir}/config")
DESCRIPTION = read_description(f"{CONFIG}/tables.yaml")
# The evaluations' final files; one that this configuration leaves out has none.
MEASURED = [
    path
    for made in ("XALPACAEVAL", "MTBENCH", "NLP", "REWARD_ACCURACY")
    for path in globals().get(made, [])
    if Path(path).name == "metrics.json"
]
PLANS = {
    number: table_plan(dag, DESCRIPTION, table, MEASURED)
    for number, table in DESCRIPTION.tables.items()
}


for number, table in DESCRIPTION.tables.items():

    rule:
        name:
            f"table{number}"
        input:
            metrics=metric_files(table, PLANS[number], MEASURED),
            # Of which each table is compared by what it holds itself.
            description=ancient(f"{CONFIG}/tables.yaml"),
            paper=f"{CONFIG}/paper/table{number}.csv",
            footnotes=f"{CONFIG}/paper/footnotes.yaml",
        output:
            multiext(f"{RESULTS}/tables/table{number}", ".csv", ".md", ".tex"),
        log:
            f"{LOGS}/tables/table{number}.log",
        localrule: True
        conda:
            "../envs/report.yaml"
        params:
            code=code("table"),
            number=number,
            plan=PLANS[number],
            table=asdict(table),
        script:
            "../scripts/table.py"


rule tables:
    input:
        [
            f"{RESULTS}/tables/table{number}.{kind}"
            for number in DESCRIPTION.tables
            for kind in ("csv", "md", "tex")
        ],
