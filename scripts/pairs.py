"""Build the preference pairs of one language of one iteration."""

import pandas as pd

from icr.files import write_json, write_parquet
from icr.logs import log_to
from icr.pairs import PairSettings, build

log_to(snakemake.log[0])


def first_prompts(paths, count):
    """The rows of the first ``count`` prompts of a list of blocks."""
    table = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    ids = table["id"].unique()[:count]
    return table[table["id"].isin(set(ids))].reset_index(drop=True)


count = snakemake.params.prompts
result = build(
    samples=first_prompts(snakemake.input.samples, count),
    policy=first_prompts(snakemake.input.policy, count),
    reference=first_prompts(snakemake.input.reference, count),
    language=snakemake.wildcards.language,
    settings=PairSettings(**snakemake.params.settings),
)
write_parquet(result.responses, snakemake.output.responses)
write_json(result.summary, snakemake.output.summary)
write_parquet(result.pairs, snakemake.output.pairs)
