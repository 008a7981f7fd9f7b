"""Sample a policy's answers to the single-turn questions of a benchmark, in every language."""

from icr.evaluation.xalpacaeval.judging import questions_of
from icr.models.gpus import require_gpus
from icr.sampling import BackendOptions, SamplingSettings
from icr.sampling.block import sample_block
from icr.storage.files import read_jsonl, write_parquet
from icr.storage.logs import log_to
from icr.storage.resumable import remove_work
from icr.storage.schemas.responses import ANSWERS

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
params, output = snakemake.params, snakemake.output[0]
rows = [
    {"instruction": row["instruction"], "instruction_id": f"{language}/{row['index']}"}
    for language, path in zip(params.languages, snakemake.input.questions, strict=True)
    for row in questions_of(read_jsonl(path), params.first)
]
table = sample_block(
    folder=snakemake.input.policy,
    rows=rows,
    output=output,
    settings=SamplingSettings(n=1, **params.decoding),
    backend=params.backend,
    options=BackendOptions(**params.options),
    chunk=params.chunk,
    seed_parts=(params.seed, snakemake.wildcards.policy, "xalpacaeval"),
    code=params.code,
)
write_parquet(table, output, ANSWERS)
remove_work(output)
