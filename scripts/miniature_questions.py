"""Write the miniature's benchmark questions or their reference answers."""

from icr.miniature import questions, two_turn
from icr.miniature.world import World
from icr.storage.files import write_json, write_jsonl
from icr.storage.logs import log_to
from icr.storage.origins import record_origin

log_to(snakemake.log[0])
world, language = World(snakemake.input[0]), snakemake.wildcards.language
benchmark = two_turn if snakemake.params.turns == 2 else questions
if snakemake.output[0].endswith(".json"):
    write_json(benchmark.references(world, language), snakemake.output[0])
else:
    write_jsonl(benchmark.questions(world, language), snakemake.output[0])
config, output = snakemake.config, snakemake.output[0]
record_origin(output, config["run"], config["origins"][output])
