"""Compute a model's hidden states of preference triples."""

from icr.evaluation.rewardbench.scores import arithmetic_of
from icr.evaluation.rewardbench.states import triple_states
from icr.models.gpus import require_gpus
from icr.preferences.rows import read_preferences
from icr.storage.files import write_parquet
from icr.storage.logs import log_to
from icr.storage.resumable import identity, remove_work
from icr.storage.schemas.preferences import STATES

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
source, params, output = snakemake.input, snakemake.params, snakemake.output[0]
states = triple_states(
    source.model,
    read_preferences(source.triples),
    output=output,
    precision=arithmetic_of(params.precision),
    token_budget=snakemake.resources.token_budget,
    chunk=params.chunk,
    key=[params.code, identity(source.triples)],
)
write_parquet(states, output, STATES)
remove_work(output)
