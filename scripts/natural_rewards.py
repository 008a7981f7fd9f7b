"""Score some blocks of samples with an external reward model."""

from icr.models.gpus import require_gpus
from icr.scoring.reward_model import reward_block
from icr.storage.blocks import prompts_of_job, responses_of_job, with_language
from icr.storage.files import write_parquet
from icr.storage.logs import log_to
from icr.storage.resumable import identity, remove_work
from icr.storage.schemas.responses import NATURAL_REWARDS

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, output = snakemake.input, snakemake.params, snakemake.output[0]
prompts = prompts_of_job(params.languages, source.prompts, params.first, params.rows)
table = reward_block(
    folder=source.model,
    samples=responses_of_job(prompts, source.samples),
    output=output,
    precision=params.precision,
    token_budget=snakemake.resources.token_budget,
    chunk=params.chunk,
    checks=params.checks,
    key=[params.code, *map(identity, source.samples)],
)
write_parquet(with_language(table), output, NATURAL_REWARDS)
remove_work(output)
