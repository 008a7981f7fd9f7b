"""Decide in which arithmetic an external reward model scores a policy's responses."""

from icr.models.gpus import require_gpus
from icr.scoring.guard import PROMPTS, decide
from icr.scoring.reward_model import trial_rewards
from icr.storage.blocks import first_prompts
from icr.storage.files import write_json
from icr.storage.logs import log_to
from icr.storage.schemas.responses import DECISION

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source = snakemake.input
samples = first_prompts([source.samples], PROMPTS)
rewards = trial_rewards(source.model, samples, snakemake.resources.token_budget)
write_json(decide(rewards, {None: None}), snakemake.output[0], DECISION)
