"""Compute the log-probabilities of some blocks of samples under one model."""

import pandas as pd

from icr.models.gpus import require_gpus
from icr.models.load import check_same_vocabulary, load_tokenizer
from icr.scoring.block import score_block
from icr.scoring.guard import by_arithmetic
from icr.storage.blocks import (
    first_prompts,
    instructions_of,
    prompts_of_job,
    responses_in,
    responses_of_job,
    with_language,
    without_language,
)
from icr.storage.files import read_json, write_parquet
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
prompts = prompts_of_job(params.languages, source.prompts, params.first, params.rows)
authors_file = None
if params.authors:  # one language, of which the authors' script would score one file
    responses = responses_in(params.languages[0], source.samples)
    authors_file = without_language(first_prompts(responses, params.authors))
tables = []
decisions = [read_json(file) for file in source.arithmetic]
for arithmetic, languages in by_arithmetic(params.languages, decisions, params.precision):
    table = score_block(
        folder=source.scorer,
        samples=responses_of_job({la: prompts[la] for la in languages}, source.samples),
        instructions=instructions_of(params.languages, source.prompts),
        output=output,
        view=params.view,
        language=None,
        precision=arithmetic,
        token_budget=snakemake.resources.token_budget,
        chunk=params.chunk,
        block=params.block,
        checks=params.checks,
        authors_file=authors_file,
        key=[params.code, *map(identity, source.samples)],
    )
    tables.append(table.assign(arithmetic=arithmetic) if decisions else table)
write_parquet(with_language(pd.concat(tables, ignore_index=True)), output, LOGPROBS)
remove_work(output)
