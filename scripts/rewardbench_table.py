"""Table of the accuracy of every reward by language."""

from icr.evaluation.rewardbench.table import markdown, remarks, rows
from icr.storage.files import atomic_write, read_json, write_csv
from icr.storage.logs import log_to
from icr.storage.schemas.preferences import ACCURACY_TABLE

log_to(snakemake.log[0])
files = map(read_json, snakemake.input.metrics)
measured = dict(zip(map(tuple, snakemake.params.measured), files, strict=True))
table = rows(measured)
write_csv(table, snakemake.output[0], ACCURACY_TABLE)
with atomic_write(snakemake.output[1]) as partial:
    partial.write_text(markdown(table, remarks(measured)), encoding="utf-8")
