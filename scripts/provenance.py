"""Write the resolved configuration and the provenance of the results."""

import yaml

from icr.report.provenance import provenance
from icr.storage.files import atomic_write, write_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
# Not a parameter: a setting that changes no result must not rerun this job.
config, names = snakemake.config["resolved"], snakemake.params
record = provenance(
    config,
    models=dict(zip(names.models, snakemake.input.models, strict=True)),
    policies=dict(zip(names.policies, snakemake.input.policies, strict=True)),
    data=snakemake.input.data,
    training=dict(zip(names.trained, snakemake.input.training, strict=True)),
)
with atomic_write(snakemake.output.config) as partial:
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    header = "# Every setting of this run, as it was used.\n"
    partial.write_text(header + text, encoding="utf-8")
write_json(record, snakemake.output.provenance)
