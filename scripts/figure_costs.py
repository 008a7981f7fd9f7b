"""Draw what each stage cost."""

from icr.figures.costs import stage_bars
from icr.figures.style import save
from icr.storage.logs import log_to
from icr.tables.costs import stage_costs

log_to(snakemake.log[0])
save(stage_bars(stage_costs(snakemake.params.benchmarks, snakemake.params.gpus)), snakemake.output)
