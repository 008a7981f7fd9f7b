# The paper's tables, each a target by its name: `snakemake table2`. A table waits for the metric
# files that this configuration makes for its rows, and for nothing else.
from functools import partial

from icr.roles import policy_of, settings_of, starts_from
from icr.tables.plan import metric_files, planned
from icr.tables.spec import read_description

CONFIG = f"{workflow.basedir}/config"
DESCRIPTION = read_description(f"{CONFIG}/tables.yaml")
# The evaluations' final files; one that this configuration leaves out has none.
MEASURED = [
    path
    for made in ("XALPACAEVAL", "MTBENCH", "NLP", "REWARD_ACCURACY")
    for path in globals().get(made, [])
    if path.endswith("/metrics.json")
]


def table_plan(table):
    """What this configuration makes of a table."""
    paper = DESCRIPTION.paper_languages[table.experiment]
    row = settings.experiments.get(table.experiment)
    languages = row.languages if row else paper
    # Questions of one's own are none of the paper's NLP benchmarks.
    asked = settings.evaluation.nlp.benchmarks if settings.evaluation.nlp else {}
    foreign = table.evaluations() == ["nlp"] and not set(table.keys()) & set(asked)
    return {
        **planned(
            table,
            languages,
            (lambda _: None) if foreign else partial(policy_of, dag),
            partial(settings_of, dag),
            [] if foreign else MEASURED,
        ),
        "comparable": starts_from(dag, DESCRIPTION.paper_base),
        "same_languages": set(languages) == set(paper),
        "seed": settings.seed,
    }


PLANS = {number: table_plan(table) for number, table in DESCRIPTION.tables.items()}


for number, table in DESCRIPTION.tables.items():

    rule:
        name:
            f"table{number}"
        input:
            metrics=metric_files(table, PLANS[number], MEASURED),
            description=f"{CONFIG}/tables.yaml",
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
        script:
            "../scripts/table.py"


rule tables:
    input:
        [
            f"{RESULTS}/tables/table{number}.{kind}"
            for number in DESCRIPTION.tables
            for kind in ("csv", "md", "tex")
        ],
