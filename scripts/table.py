"""Build one of the paper's tables."""

from icr.storage.logs import log_to
from icr.tables.build import build_table
from icr.tables.spec import read_description

log_to(snakemake.log[0])
build_table(
    read_description(snakemake.input.description).tables[snakemake.params.number],
    plan=snakemake.params.plan,
    metrics=dict(zip(snakemake.params.measured, snakemake.input.metrics, strict=True)),
    paper=snakemake.input.paper,
    footnotes=snakemake.input.footnotes,
    outputs=list(snakemake.output),
)
