"""Bring the prompts of one language to their place, and check them."""

from pathlib import Path

from icr.downloads import expected_blob, fetch_github
from icr.files import write_jsonl
from icr.logs import log_to
from icr.prompts import read_prompts

log_to(snakemake.log[0])
source, language = snakemake.params.source, snakemake.wildcards.language
output = snakemake.output[0]
if "folder" in source:
    write_jsonl(read_prompts(f"{source['folder']}/{language}.jsonl"), output)
else:
    path = source["path"].format(language=language)
    place = (source["repo"], source["commit"], path)
    blob = expected_blob(snakemake.config["upstream_files"], *place)
    upstream = Path(output).with_suffix(".upstream")
    fetch_github(*place, blob, upstream, snakemake.config["mirrors"]["github"])
    rows = read_prompts(upstream, source["id"])
    if source["id"] == "instruction_id":
        upstream.replace(output)
    else:
        write_jsonl(rows, output)
        upstream.unlink()
