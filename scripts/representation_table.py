"""Table of the representation shift of every reward model."""

from itertools import product

import numpy as np

from icr.evaluation.rewardbench.shift import markdown, shifts
from icr.storage.files import atomic_write, read_json, read_table, write_csv
from icr.storage.logs import log_to
from icr.storage.schemas.preferences import SHIFTS

log_to(snakemake.log[0])
source, params = snakemake.input, snakemake.params
tables = dict(zip(params.models, map(read_table, source.triples), strict=True))
metrics = dict(zip(params.models, map(read_json, source.metrics), strict=True))
files = dict(zip(product(params.bases, params.languages), source.accuracies, strict=True))
accuracies = {
    model: float(np.mean([read_json(files[model, la])["accuracy"] for la in params.languages]))
    for model in params.bases
}
table = shifts(tables, params.bases, accuracies)
write_csv(table, snakemake.output[0], SHIFTS)
with atomic_write(snakemake.output[1]) as partial:
    partial.write_text(markdown(table, metrics), encoding="utf-8")
