"""Translate the responses of one block by the policy that sampled them."""

from icr.models.gpus import require_gpus
from icr.sampling import BackendOptions
from icr.storage.files import read_table, write_parquet
from icr.storage.logs import log_to
from icr.storage.resumable import identity, remove_work
from icr.storage.schemas.responses import TRANSLATIONS
from icr.translation.responses import Request, translate_block

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, output = snakemake.input, snakemake.params, snakemake.output[0]
table = translate_block(
    folder=source.policy,
    samples=read_table(source.samples),
    output=output,
    target=params.target,
    request=Request(**params.request),
    backend=params.backend,
    options=BackendOptions(**params.options),
    chunk=params.chunk,
    key=[params.code, identity(source.samples)],
)
write_parquet(table, output, TRANSLATIONS)
remove_work(output)
