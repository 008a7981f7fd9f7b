"""How close a model's states of preference triples in all languages are to one line."""

from icr.evaluation.rewardbench.representation import representation
from icr.storage.files import read_table, write_json, write_parquet
from icr.storage.logs import log_to
from icr.storage.schemas.preferences import REPRESENTATION, REPRESENTATION_TRIPLES

log_to(snakemake.log[0])
states = dict(zip(snakemake.params.languages, map(read_table, snakemake.input.states), strict=True))
triples, metrics = representation(states)
write_parquet(triples, snakemake.output.triples, REPRESENTATION_TRIPLES)
write_json(metrics, snakemake.output.metrics, REPRESENTATION)
for text, values in metrics["texts"].items():
    print(f"{text}: f {values['raw']['mean']:.4f}, of {metrics['triples']} triples")
