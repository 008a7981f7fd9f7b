"""Decide in which arithmetic a policy's responses are scored."""

from icr.models.gpus import require_gpus
from icr.scoring.block import trial_scores
from icr.scoring.guard import PROMPTS, decide_by_language
from icr.storage.blocks import instructions_of, prompts_of_job, responses_of_job
from icr.storage.files import write_json
from icr.storage.logs import log_to
from icr.storage.schemas.responses import DECISION

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params = snakemake.input, snakemake.params
first = prompts_of_job(params.languages, source.prompts, 0, PROMPTS)
samples = responses_of_job(first, source.samples)
instructions = instructions_of(params.languages, source.prompts)


def scores(folder):
    """The samples' scores under a model, in each arithmetic."""
    budget = snakemake.resources.token_budget
    return trial_scores(folder, samples, instructions, snakemake.wildcards.view, None, budget)


policy = scores(source.policy)
references = dict(zip(params.references, map(scores, source.references), strict=True))
if params.without_reference:
    references[None] = None
write_json(decide_by_language(policy, references), snakemake.output[0], DECISION)
