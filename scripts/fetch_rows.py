"""Fetch and check questions, references or stored outputs of one language."""

from icr.evaluation.question_forms import check_rows
from icr.evaluation.questions import fetch_rows
from icr.storage.files import write_json, write_jsonl
from icr.storage.logs import log_to
from icr.storage.origins import record_origin

log_to(snakemake.log[0])
config, params, output = snakemake.config, snakemake.params, snakemake.output[0]
mirror, upstream_files = config["mirrors"]["github"], config["upstream_files"]
located = fetch_rows(params.source, snakemake.wildcards.language, mirror, upstream_files)
check_rows(located, params.kind)
rows = [row for _, row in located]
write = write_json if output.endswith(".json") else write_jsonl
write(rows, output)
record_origin(output, config["run"], config["origins"][output])
print(f"{len(rows)} rows")
