"""Write the miniature's prompts in one language."""

from icr.miniature.world import World
from icr.storage.files import write_jsonl
from icr.storage.logs import log_to
from icr.storage.origins import record_origin

log_to(snakemake.log[0])
write_jsonl(World(snakemake.input[0]).prompts(snakemake.params.language), snakemake.output[0])
config, output = snakemake.config, snakemake.output[0]
record_origin(output, config["run"], config["origins"][output])
