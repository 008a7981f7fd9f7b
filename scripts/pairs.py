"""Build the preference pairs of one language of one iteration."""

import pandas as pd

from icr.files import write_json, write_parquet
from icr.logs import log_to
from icr.pairs import PairSettings, build
from icr.rewards import implicit_rewards, without_failed
from icr.translation.failures import failures

log_to(snakemake.log[0])
source, count = snakemake.input, snakemake.params.prompts
settings = PairSettings(**snakemake.params.settings)


def first_prompts(paths):
    """The rows of the first ``count`` prompts of a list of blocks."""
    table = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    ids = table["id"].unique()[:count]
    return table[table["id"].isin(set(ids))].reset_index(drop=True)


policy, reference = first_prompts(source.policy), first_prompts(source.reference)
rewards = implicit_rewards(policy, reference, settings.beta)
failed = None
if source.translations:
    translations = first_prompts(source.translations)
    rewards, failed = without_failed(rewards, translations), failures(translations)
    print(f"failed translations: {failed or 'none'}")
result = build(
    samples=first_prompts(source.samples),
    rewards=rewards,
    language=snakemake.wildcards.language,
    settings=settings,
)
write_parquet(result.responses, snakemake.output.responses)
write_json({**result.summary, "failed_translations": failed}, snakemake.output.summary)
write_parquet(result.pairs, snakemake.output.pairs)
