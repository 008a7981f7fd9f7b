"""Write the miniature's multiple-choice questions in one language."""

from icr.miniature.choices import choices
from icr.miniature.world import World
from icr.storage.files import write_jsonl
from icr.storage.logs import log_to

log_to(snakemake.log[0])
write_jsonl(choices(World(snakemake.input[0]), snakemake.params.language), snakemake.output[0])
