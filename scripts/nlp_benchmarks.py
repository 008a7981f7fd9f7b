"""Score a policy on NLP benchmarks in one or more languages."""

from icr.evaluation.nlp.run import Settings, score_policy
from icr.models.gpus import require_gpus
from icr.storage.files import write_json
from icr.storage.logs import log_to
from icr.storage.resumable import remove_work
from icr.storage.schemas.evaluation import NLP_SCORES

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
params, output = snakemake.params, snakemake.output[0]
settings = Settings(**params.settings, gpus=snakemake.resources.gpu)
scores = score_policy(snakemake.input.policy, params.tasks, settings, output, params.code)
write_json(scores, output, NLP_SCORES)
remove_work(output)
