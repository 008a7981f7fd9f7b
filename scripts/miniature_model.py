"""Train the miniature world's model."""

import torch

from icr.logs import log_to
from icr.miniature.sft import SftSettings, train_sft
from icr.miniature.world import World

log_to(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
train_sft(
    World(snakemake.input[0]),
    snakemake.output[0],
    SftSettings(**snakemake.params.sft),
    snakemake.params.seed,
)
