"""Translate the responses of some blocks with a policy."""

from icr.models.gpus import require_gpus
from icr.sampling import BackendOptions
from icr.storage.blocks import prompts_of_job, responses_of_job, with_language
from icr.storage.files import write_parquet
from icr.storage.logs import log_to
from icr.storage.resumable import identity, remove_work
from icr.storage.schemas.responses import TRANSLATIONS
from icr.translation.responses import Request, translate_block

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, output = snakemake.input, snakemake.params, snakemake.output[0]
prompts = prompts_of_job(params.languages, source.prompts, params.first, params.rows)
table = translate_block(
    folder=source.policy,
    samples=responses_of_job(prompts, source.samples),
    output=output,
    target=params.target,
    request=Request(**params.request),
    backend=params.backend,
    options=BackendOptions(**params.options),
    chunk=params.chunk,
    block=params.block,
    key=[params.code, *map(identity, source.samples)],
)
write_parquet(with_language(table), output, TRANSLATIONS)
remove_work(output)
