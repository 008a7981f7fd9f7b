"""Compute the log-probabilities of one block of samples under one model."""

from icr.models.gpus import require_gpus
from icr.models.load import check_same_vocabulary, load_tokenizer
from icr.scoring.block import score_block
from icr.storage.blocks import first_prompts
from icr.storage.files import read_jsonl, read_table, write_parquet
from icr.storage.logs import log_to
from icr.storage.resumable import identity, remove_work
from icr.storage.schemas.responses import LOGPROBS

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, output = snakemake.input, snakemake.params, snakemake.output[0]
if source.policy != source.scorer:
    check_same_vocabulary(
        load_tokenizer(source.policy),
        load_tokenizer(source.scorer),
        (snakemake.wildcards.policy, snakemake.wildcards.scorer),
    )
table = score_block(
    folder=source.scorer,
    samples=read_table(source.samples),
    instructions={row["instruction_id"]: row["instruction"] for row in read_jsonl(source.prompts)},
    output=output,
    view=params.view,
    language=params.language,
    precision=params.precision,
    token_budget=snakemake.resources.token_budget,
    chunk=params.chunk,
    checks=params.checks,
    authors_file=first_prompts(source.file, params.prompts) if source.file else None,
    key=[params.code, identity(source.samples)],
)
write_parquet(table, output, LOGPROBS)
remove_work(output)
