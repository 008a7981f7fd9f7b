"""Make English preference pairs from a base model's own responses."""

from icr.errors import InputError
from icr.models.gpus import require_gpus
from icr.sampling import BackendOptions
from icr.sampling.english import Draws, english_pairs
from icr.storage.files import read_jsonl, write_parquet
from icr.storage.logs import log_to
from icr.storage.resumable import remove_work
from icr.storage.schemas.pairs import ENGLISH_PAIRS

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
params = snakemake.params
annotate = None
if params.facts:
    from icr.miniature.oracle import annotator

    annotate = annotator(params.facts)
output = snakemake.output[0]
pairs = english_pairs(
    folder=snakemake.input.model,
    prompts=read_jsonl(snakemake.input.prompts)[: params.prompts],
    output=output,
    draws=Draws(**params.draws),
    backend=params.backend,
    options=BackendOptions(**params.options),
    seed=params.seed,
    annotate=annotate,
)
if pairs.empty:
    raise InputError(
        f"{output}: no pairs, as the annotator prefers no response to another; use more prompts or "
        "responses"
    )
print(f"{len(pairs)} pairs of {params.prompts} prompts")
write_parquet(pairs, output, ENGLISH_PAIRS)
remove_work(output)
