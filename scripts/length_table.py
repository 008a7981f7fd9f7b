"""Bring the table that length control reads to its place: downloaded, or planted."""

from icr.downloads import fetch_dataset_file
from icr.files import replacing
from icr.logs import log_to
from icr.miniature.questions import length_table
from icr.miniature.world import World

log_to(snakemake.log[0])
source, output = snakemake.params.source, snakemake.output[0]
if "miniature" in source:
    with replacing(output) as partial:
        length_table(World(source["miniature"])).to_csv(partial, index=False)
else:
    place = (source["hub"], source["revision"], source["file"], source["sha256"])
    fetch_dataset_file(*place, output, snakemake.config["mirrors"]["hub"])
