"""Sample a policy's answers to the held-out questions, and score them with the oracle."""

import pandas as pd

from icr.miniature.oracle import judge
from icr.miniature.world import HELD_OUT, World
from icr.models.chat import prompt_ids, response_text
from icr.models.gpus import require_gpus
from icr.models.load import load_tokenizer
from icr.sampling import BackendOptions, SamplingSettings, open_sampler
from icr.seeds import seed_of
from icr.storage.files import write_parquet
from icr.storage.logs import log_to
from icr.storage.schemas.evaluation import ORACLE_SCORES

log_to(snakemake.log[0])
require_gpus(0)
folder, params = snakemake.input.policy, snakemake.params
world, tokenizer = World(snakemake.input.facts[0]), load_tokenizer(folder)
questions = [(language, fact) for language in params.languages for fact in world.facts.values()]
texts = [world.question(fact, language, HELD_OUT) for language, fact in questions]
prompts = [prompt_ids(tokenizer, text) for text in texts]
seeds = [seed_of(params.seed, "oracle", language, fact.name) for language, fact in questions]
settings = SamplingSettings(n=16, temperature=0.9, max_tokens=params.max_tokens)
with open_sampler(params.backend, folder, settings, BackendOptions(**params.options)) as sampler:
    answers = sampler.generate(prompts, seeds)
rows = []
for (language, fact), group in zip(questions, answers, strict=True):
    for index, sample in enumerate(group):
        text = response_text(tokenizer, sample.response_ids)
        verdict = vars(judge(world, fact, language, text))
        rows.append({"language": language, "fact": fact.name, "index": index, "response": text})
        rows[-1] |= verdict
write_parquet(pd.DataFrame(rows), snakemake.output[0], ORACLE_SCORES)
