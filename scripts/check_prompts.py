"""Check that the prompt files of a set are parallel."""

from icr.prompts.parallel import check_parallel
from icr.storage.files import write_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
files = dict(zip(snakemake.params.languages, snakemake.input, strict=True))
report = check_parallel(files, snakemake.params.size)
for language, counts in report.items():
    print(language, counts)
write_json(report, snakemake.output[0])
