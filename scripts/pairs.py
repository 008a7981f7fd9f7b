"""Build the preference pairs of one language of one iteration."""

from icr.blocks import first_prompts
from icr.files import write_json, write_parquet
from icr.logs import log_to
from icr.pairs import PairSettings, build
from icr.rewards import implicit_rewards, without_failed
from icr.translation.failures import failures

log_to(snakemake.log[0])
source, count = snakemake.input, snakemake.params.prompts
settings = PairSettings(**snakemake.params.settings)
failed = None
if source.rewards:
    rewards = first_prompts(source.rewards, count)
else:
    policy = first_prompts(source.policy, count)
    reference = first_prompts(source.reference, count) if source.reference else None
    rewards = implicit_rewards(policy, reference, settings.beta)
if source.translations:
    translations = first_prompts(source.translations, count)
    rewards, failed = without_failed(rewards, translations), failures(translations)
    print(f"failed translations: {failed or 'none'}")
result = build(
    samples=first_prompts(source.samples, count),
    rewards=rewards,
    language=snakemake.wildcards.language,
    settings=settings,
)
write_parquet(result.responses, snakemake.output.responses)
write_json({**result.summary, "failed_translations": failed}, snakemake.output.summary)
write_parquet(result.pairs, snakemake.output.pairs)
