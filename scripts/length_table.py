"""Download the table for length control, or generate that of the miniature."""

from icr.miniature.questions import length_table
from icr.miniature.world import World
from icr.storage.downloads import fetch_dataset_file
from icr.storage.files import atomic_write
from icr.storage.logs import log_to

log_to(snakemake.log[0])
source, output = snakemake.params.source, snakemake.output[0]
if "miniature" in source:
    with atomic_write(output) as partial:
        length_table(World(source["miniature"])).to_csv(partial, index=False)
else:
    file = (source["hub"], source["revision"], source["file"], source["sha256"])
    fetch_dataset_file(*file, output, snakemake.config["mirrors"]["hub"])
