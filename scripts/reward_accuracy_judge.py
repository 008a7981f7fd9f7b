"""Compare a reward's preference pairs in one language with the judge's verdicts."""

from icr.evaluation.reward_accuracy import compare, draw, metrics
from icr.judging import JudgeSettings, open_judge
from icr.judging.client import spent
from icr.miniature import judge as oracle
from icr.models.gpus import require_gpus
from icr.storage.files import read_table, write_csv, write_json
from icr.storage.logs import log_to
from icr.storage.schemas.evaluation import REWARD_ACCURACY_METRICS, REWARD_ACCURACY_PAIRS

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
params, output, language = snakemake.params, snakemake.output, snakemake.wildcards.language
settings = JudgeSettings(**params.judge, **snakemake.config["asking"][params.judge["name"]])
pairs = draw(read_table(snakemake.input.pairs), params.pairs, language, params.seed)
with open_judge(settings, params.store, oracle) as judge:
    table, verdicts = compare(judge, pairs, language, params.max_tokens)
write_csv(table[["id", "verdict"]], output.pairs, REWARD_ACCURACY_PAIRS)
result = {**metrics(table), **spent(verdicts, settings.price)}
result |= {"judge": settings.name, "model": settings.model, "seed": params.seed}
print(result)
write_json(result, output.metrics, REWARD_ACCURACY_METRICS)
