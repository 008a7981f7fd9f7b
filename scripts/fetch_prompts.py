"""Fetch and check the prompts of one language."""

from pathlib import Path

from icr.prompts.parallel import prompt_file_in, read_prompts
from icr.storage.downloads import expected_blob, fetch_github
from icr.storage.files import write_jsonl
from icr.storage.logs import log_to
from icr.storage.origins import record_origin

log_to(snakemake.log[0])
config = snakemake.config
source, language = snakemake.params.source, snakemake.wildcards.language
output = snakemake.output[0]
if "folder" in source:
    write_jsonl(read_prompts(prompt_file_in(source["folder"], language)), output)
else:
    path = source["path"].format(language=language)
    upstream = (source["repo"], source["commit"], path)
    blob = expected_blob(config["upstream_files"], *upstream)
    download = Path(output).with_suffix(".upstream")
    fetch_github(*upstream, blob, download, config["mirrors"]["github"])
    rows = read_prompts(download, source["id"])
    if source["id"] == "instruction_id":
        download.replace(output)
    else:
        write_jsonl(rows, output)
        download.unlink()
record_origin(output, config["run"], config["origins"][output])
