# The paper's tables and those of the configuration, each a target by its name: `snakemake table2`. A
# table waits for the metric
# files that this configuration makes for its rows, and for nothing else.
from dataclasses import asdict

KINDS = ("csv", "md", "tex")


for number, table in tables.description.tables.items():

    rule:
        name:
            f"table{number}"
        input:
            metrics=tables.metrics(table).values(),
            # Of which each table is compared by what it holds itself.
            description=ancient(f"{CONFIG}/tables.yaml"),
            paper=(
                []
                if number in settings.tables
                else f"{CONFIG}/paper/table{number}.csv"
            ),
            footnotes=f"{CONFIG}/paper/footnotes.yaml",
        output:
            expand(paths.table, number=number, kind=KINDS),
        log:
            paths.log(f"tables/table{number}"),
        localrule: True
        conda:
            "../envs/report.yaml"
        params:
            code=code("table"),
            number=number,
            measured=list(tables.metrics(table)),
            plan=tables.plan(table),
            table=asdict(table),
        script:
            "../scripts/table.py"


rule tables:
    input:
        expand(paths.table, number=tables.description.tables, kind=KINDS),
