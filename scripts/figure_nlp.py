"""Draw the NLP scores of each policy in each language, with their standard errors."""

from icr.figures.nlp import benchmark_scores
from icr.figures.style import save
from icr.storage.files import read_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
cells = [(policy, la) for policy, group in snakemake.params.policies.items() for la in group]
metrics = {cell: read_json(path) for cell, path in zip(cells, snakemake.input, strict=True)}
save(benchmark_scores(metrics), snakemake.output)
