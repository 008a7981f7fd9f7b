"""Decide in which arithmetic a policy's responses are scored."""

from icr.models.gpus import require_gpus
from icr.scoring.block import trial_scores
from icr.scoring.guard import PROMPTS, decide
from icr.storage.blocks import first_prompts
from icr.storage.files import read_jsonl, write_json
from icr.storage.logs import log_to
from icr.storage.schemas.responses import DECISION

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
samples = first_prompts([source.samples], PROMPTS)
instructions = {row["instruction_id"]: row["instruction"] for row in read_jsonl(source.prompts)}


def scores(folder):
    """The samples' scores by a model, in each arithmetic."""
    budget = snakemake.resources.token_budget
    return trial_scores(folder, samples, instructions, wildcards.view, wildcards.language, budget)


policy = scores(source.policy)
references = dict(zip(params.references, map(scores, source.references), strict=True))
if params.without_reference:
    references[None] = None
write_json(decide(policy, references), snakemake.output[0], DECISION)
