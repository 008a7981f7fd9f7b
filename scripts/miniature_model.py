"""Train the miniature's SFT model."""

import os

# Two threads that wait for each other by spinning alone take five times as long beside other work;
# with a count of 1,000, a fifth longer than with this one on an idle machine.
# OpenMP reads this when torch is imported.
os.environ["GOMP_SPINCOUNT"] = "10000"

import torch

from icr.miniature.corpus import Shares
from icr.miniature.sft import SftSettings, train_sft
from icr.miniature.world import World
from icr.storage.logs import log_to

log_to(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
sft = snakemake.params.sft
settings = SftSettings(**{**sft, "shares": Shares(**sft["shares"])})
train_sft(World(snakemake.input[0]), snakemake.output[0], settings, snakemake.params.seed)
