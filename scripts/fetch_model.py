"""Fetch and check a base model."""

from icr.models.checkpoint import describe
from icr.models.snapshots import fetch_snapshot, link_folder
from icr.storage.logs import log_to
from icr.storage.origins import record_origin

log_to(snakemake.log[0])
params, folder = snakemake.params, snakemake.output.folder
source, commit = params.source, None
if "hub" in source:
    mirror = snakemake.config["mirrors"]["hub"]
    commit = fetch_snapshot(source["hub"], source["revision"], folder, mirror)
elif "gguf" in source:
    from icr.models.gguf import convert_gguf

    convert_gguf(source["gguf"], folder)
else:
    link_folder(source["folder"], folder)
card = describe(
    folder,
    params.name,
    source,
    commit,
    params.chat_template,
    stop=params.stop,
    reward_model=params.reward_model,
)
print(card)
record_origin(folder, snakemake.config["run"], snakemake.config["origins"][folder])
