"""Write the miniature world's benchmark questions, or reference answers to them."""

from icr.miniature import questions, talks
from icr.miniature.world import World
from icr.storage.files import write_json, write_jsonl
from icr.storage.logs import log_to
from icr.storage.origins import record_origin

log_to(snakemake.log[0])
world, language = World(snakemake.input[0]), snakemake.wildcards.language
two_turns = snakemake.params.turns == 2
if snakemake.output[0].endswith(".json"):
    rows = (talks if two_turns else questions).references(world, language)
    write_json(rows, snakemake.output[0])
else:
    ask = talks.talks if two_turns else questions.questions
    write_jsonl(ask(world, language), snakemake.output[0])
config, output = snakemake.config, snakemake.output[0]
record_origin(output, config["run"], config["origins"][output])
