"""Bring questions, references or stored outputs of one language to their place."""

from icr.files import write_json, write_jsonl
from icr.logs import log_to
from icr.questions import fetch_rows

log_to(snakemake.log[0])
mirror, listed = snakemake.config["mirrors"]["github"], snakemake.config["upstream_files"]
rows = fetch_rows(snakemake.params.source, snakemake.wildcards.language, mirror, listed)
write = write_json if snakemake.output[0].endswith(".json") else write_jsonl
write(rows, snakemake.output[0])
print(f"{len(rows)} rows")
