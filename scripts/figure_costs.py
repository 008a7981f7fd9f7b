"""Draw what each stage cost."""

from icr.costs import stage_costs
from icr.figures.costs import stage_bars
from icr.figures.style import save
from icr.logs import log_to

log_to(snakemake.log[0])
save(stage_bars(stage_costs(snakemake.params.benchmarks, snakemake.params.gpus)), snakemake.output)
