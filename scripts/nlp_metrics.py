"""Write the metrics of a policy on NLP benchmarks in one language."""

from icr.evaluation.nlp.metrics import language_metrics
from icr.evaluation.nlp.tasks import Task
from icr.storage.files import read_json, write_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
params = snakemake.params
scores = read_json(snakemake.input[0])["scores"][params.language]
write_json(language_metrics(scores, [Task(**task) for task in params.tasks]), snakemake.output[0])
