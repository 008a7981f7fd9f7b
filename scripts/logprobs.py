"""Score one block of samples with one model."""

from icr.models.gpus import require_gpus
from icr.models.load import check_same_vocabulary, load_tokenizer
from icr.scoring.block import score_block
from icr.storage.blocks import first_prompts
from icr.storage.files import read_json, read_jsonl, read_table, write_parquet
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
decision = read_json(source.arithmetic[0]) if source.arithmetic else None
arithmetic = decision["arithmetic"] if decision else params.precision
table = score_block(
    folder=source.scorer,
    samples=read_table(source.samples),
    instructions={r["instruction_id"]: r["instruction"] for r in read_jsonl(source.prompts)},
    output=output,
    view=params.view,
    language=params.language,
    precision=arithmetic,
    token_budget=snakemake.resources.token_budget,
    chunk=params.chunk,
    checks=params.checks,
    authors_file=first_prompts(source.file, params.prompts) if source.file else None,
    key=[params.code, identity(source.samples)],
)
if decision:
    table["arithmetic"] = arithmetic
write_parquet(table, output, LOGPROBS)
remove_work(output)
