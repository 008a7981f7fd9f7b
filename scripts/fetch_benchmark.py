"""Bring the data sets of a task of lm-evaluation-harness to their place."""

from icr.logs import log_to
from icr.nlp_benchmarks.fetch import fetch_task

log_to(snakemake.log[0])
params = snakemake.params
mirror = snakemake.config["mirrors"]["hub"]
fetch_task(params.task, snakemake.output[0], mirror, params.revisions)
