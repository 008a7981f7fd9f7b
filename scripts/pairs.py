"""Build the preference pairs of one language and iteration from rewards."""

from icr.extensions import load_extensions
from icr.pairing.pairs import build
from icr.pairing.selection import PairSettings
from icr.rewards import REWARDS
from icr.rewards.compute import rewards_of, without_failed
from icr.scoring.guard import check_one_arithmetic
from icr.scoring.guard import summary as arithmetic_summary
from icr.scoring.identities import check_scores, tolerance
from icr.storage.blocks import first_prompts, first_responses, responses_in
from icr.storage.files import read_json, write_json, write_parquet
from icr.storage.logs import log_to
from icr.storage.schemas.pairs import PAIR_SUMMARY, PAIRS, RESPONSES
from icr.translation.failures import failures

log_to(snakemake.log[0])
load_extensions(snakemake.config.get("extensions", []))
source, params = snakemake.input, snakemake.params
language = snakemake.wildcards.language
settings = PairSettings(**params.settings)


def read(files, language=language):
    """The rows of the iteration's prompts; None where the reward reads no such files."""
    if not files:
        return None
    table = first_prompts(responses_in(language, files), params.prompts)
    return first_responses(table, settings.responses)


samples, policy = read(source.samples), read(source.policy)
reference, model = read(source.reference), read(source.rewards)
rewards = rewards_of(
    REWARDS[settings.view].bound(settings, settings.reward_settings),
    samples,
    policy=policy,
    reference=reference,
    model=model,
    states=read(source.states),
    english=read(source.english, "en"),
    english_states=read(source.english_states, "en"),
)
failed = likelihood = None
if params.condition:
    native, limit = params.condition == "native", tolerance(*params.precisions)
    likelihood = check_scores(samples, policy, native, limit, params.fall, language)
if source.translations:
    translations = read(source.translations)
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
if source.arithmetic:
    decision = read_json(source.arithmetic[0])["languages"][language]
    check_one_arithmetic(decision, *([model] if policy is None else [policy, reference]))
    summary["arithmetic"] = arithmetic_summary(decision, params.reference, rewards)
write_json(summary, snakemake.output.summary, PAIR_SUMMARY)
write_parquet(result.pairs, snakemake.output.pairs, PAIRS)
