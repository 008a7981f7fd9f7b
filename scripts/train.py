"""Train one policy on the pairs of all its languages."""

from icr.extensions import load_extensions
from icr.models.gpus import require_gpus
from icr.storage.logs import log_to
from icr.training.launch import train
from icr.training.settings import TrainingSettings

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
load_extensions(snakemake.config.get("extensions", []))
pairs = snakemake.input.pairs
train(
    policy=snakemake.input.policy,
    pairs=[pairs] if isinstance(pairs, str) else pairs,
    output=snakemake.output.policy,
    curves=snakemake.output.curves,
    summary=snakemake.output.summary,
    settings=TrainingSettings(**snakemake.params.training),
    made=snakemake.params.made,
    processes=snakemake.params.processes,
    threads=snakemake.threads,
    checkpoint_minutes=snakemake.resources.checkpoint_minutes,
    sampled_in=snakemake.params.sampled_in,
)
