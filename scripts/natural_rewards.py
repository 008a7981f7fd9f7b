"""Score one block of samples with an external reward model."""

from icr.models.gpus import require_gpus
from icr.scoring.reward_model import reward_block
from icr.storage.files import read_json, read_table, write_parquet
from icr.storage.logs import log_to
from icr.storage.resumable import identity, remove_work
from icr.storage.schemas.responses import NATURAL_REWARDS

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, output = snakemake.input, snakemake.params, snakemake.output[0]
decision = read_json(source.arithmetic[0]) if source.arithmetic else None
arithmetic = decision["arithmetic"] if decision else params.precision
table = reward_block(
    folder=source.model,
    samples=read_table(source.samples),
    output=output,
    precision=arithmetic,
    token_budget=snakemake.resources.token_budget,
    chunk=params.chunk,
    checks=params.checks,
    key=[params.code, identity(source.samples)],
)
if decision:
    table["arithmetic"] = arithmetic
write_parquet(table, output, NATURAL_REWARDS)
remove_work(output)
