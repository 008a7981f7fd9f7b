"""Write the miniature world's multiple-choice questions in one language."""

from icr.files import write_jsonl
from icr.logs import log_to
from icr.miniature.choices import choices
from icr.miniature.world import World

log_to(snakemake.log[0])
write_jsonl(choices(World(snakemake.input[0]), snakemake.params.language), snakemake.output[0])
