"""Write the metrics of a policy on NLP benchmarks in one language."""

from icr.evaluation.nlp.metrics import language_metrics
from icr.evaluation.nlp.tasks import Task
from icr.storage.files import read_json, write_json
from icr.storage.logs import log_to
from icr.storage.schemas.evaluation import NLP_METRICS

log_to(snakemake.log[0])
params = snakemake.params
scores = read_json(snakemake.input[0])["scores"][params.language]
metrics = language_metrics(scores, [Task(**task) for task in params.tasks])
write_json(metrics, snakemake.output[0], NLP_METRICS)
