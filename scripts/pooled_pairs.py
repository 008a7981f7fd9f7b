"""Build one iteration's preference pairs from the responses in all of its languages together."""

from icr.extensions import load_extensions
from icr.pairing.pooled import build_pooled
from icr.pairing.selection import PairSettings
from icr.rewards import REWARDS
from icr.rewards.compute import rewards_of
from icr.scoring.guard import check_one_arithmetic
from icr.scoring.guard import summary as arithmetic_summary
from icr.storage.blocks import first_prompts, first_responses, responses_in
from icr.storage.files import read_json, write_json, write_parquet
from icr.storage.logs import log_to
from icr.storage.schemas.pairs import PAIR_SUMMARY, PAIRS, RESPONSES

log_to(snakemake.log[0])
load_extensions(snakemake.config.get("extensions", []))
source, params, output = snakemake.input, snakemake.params, snakemake.output
settings = PairSettings(**params.settings)
decided = [read_json(file)["languages"] for file in source.arithmetic]
decisions = {language: decision for file in decided for language, decision in file.items()}


def read(language, files):
    """The candidates' rows of the iteration's prompts in a language."""
    table = first_prompts(responses_in(language, files), params.prompts)
    return first_responses(table, settings.responses)


samples, rewards = {}, {}
for language in params.languages:
    samples[language] = read(language, source.samples)
    model = read(language, source.rewards) if source.rewards else None
    if language in decisions:
        check_one_arithmetic(decisions[language], model)
    bound = REWARDS[settings.view].bound(settings, settings.reward_settings)
    rewards[language] = rewards_of(bound, samples[language], model=model)
for number, (language, result) in enumerate(build_pooled(samples, rewards, settings).items()):
    summary = {**result.summary, "failed_translations": None, "likelihood": None}
    if language in decisions:
        summary["arithmetic"] = arithmetic_summary(decisions[language], None, rewards[language])
    write_parquet(result.responses, output.responses[number], RESPONSES)
    write_json(summary, output.summary[number], PAIR_SUMMARY)
    write_parquet(result.pairs, output.pairs[number], PAIRS)
