"""Build one of the paper's tables."""

from icr.storage.logs import log_to
from icr.tables.build import build_table
from icr.tables.spec import restored_table

log_to(snakemake.log[0])
build_table(
    restored_table(snakemake.params.table),
    plan=snakemake.params.plan,
    metrics=dict(zip(snakemake.params.measured, snakemake.input.metrics, strict=True)),
    paper=snakemake.input.paper or None,  # a table of your own is not in the paper
    footnotes=snakemake.input.footnotes,
    outputs=list(snakemake.output),
)
