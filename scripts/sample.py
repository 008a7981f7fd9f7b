"""Sample responses to some blocks of prompts, in one language or several."""

from icr.models.gpus import require_gpus
from icr.sampling import BackendOptions, SamplingSettings
from icr.sampling.block import sample_block
from icr.storage.blocks import prompts_of_job
from icr.storage.files import write_parquet
from icr.storage.logs import log_to
from icr.storage.resumable import remove_work
from icr.storage.schemas.responses import SAMPLES

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
params = snakemake.params
output = snakemake.output[0]
prompts = prompts_of_job(params.languages, snakemake.input.prompts, params.first, params.rows)
rows = [{**row, "language": language} for language in prompts for row in prompts[language]]
table = sample_block(
    folder=snakemake.input.policy,
    rows=rows,
    output=output,
    settings=SamplingSettings(**params.sampling),
    backend=params.backend,
    options=BackendOptions(**params.options),
    chunk=params.chunk,
    block=params.block,
    seed_parts=(params.seed, params.policy),
    code=params.code,
)
write_parquet(table, output, SAMPLES)
remove_work(output)
