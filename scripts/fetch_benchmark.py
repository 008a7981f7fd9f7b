"""Fetch the datasets of a task of lm-evaluation-harness."""

from icr.evaluation.nlp.fetch import fetch_task
from icr.storage.logs import log_to

log_to(snakemake.log[0])
params = snakemake.params
mirror = snakemake.config["mirrors"]["hub"]
fetch_task(params.task, snakemake.output[0], mirror, params.revisions)
