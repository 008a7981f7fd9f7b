"""Build the preference pairs of one language of one iteration."""

from icr.pairing.pairs import PairSettings, build
from icr.rewards.implicit import implicit_rewards, without_failed
from icr.scoring.identities import check_scores, tolerance
from icr.storage.blocks import first_prompts
from icr.storage.files import write_json, write_parquet
from icr.storage.logs import log_to
from icr.storage.schemas.pairs import PAIR_SUMMARY, PAIRS, RESPONSES
from icr.translation.failures import failures

log_to(snakemake.log[0])
source, params = snakemake.input, snakemake.params
count, language = params.prompts, snakemake.wildcards.language
settings = PairSettings(**params.settings)
samples = first_prompts(source.samples, count)
failed = likelihood = None
if source.rewards:
    rewards = first_prompts(source.rewards, count)
else:
    policy = first_prompts(source.policy, count)
    reference = first_prompts(source.reference, count) if source.reference else None
    rewards = implicit_rewards(policy, reference, settings.beta)
    if params.condition:
        native, limit = params.condition == "native", tolerance(*params.precisions)
        likelihood = check_scores(samples, policy, native, limit, params.fall, language)
if source.translations:
    translations = first_prompts(source.translations, count)
    rewards, failed = without_failed(rewards, translations), failures(translations)
    print(f"failed translations: {failed or 'none'}")
result = build(
    samples=samples,
    rewards=rewards,
    language=language,
    settings=settings,
)
write_parquet(result.responses, snakemake.output.responses, RESPONSES)
summary = {**result.summary, "failed_translations": failed, "likelihood": likelihood}
write_json(summary, snakemake.output.summary, PAIR_SUMMARY)
write_parquet(result.pairs, snakemake.output.pairs, PAIRS)
