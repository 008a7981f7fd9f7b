"""Draw how long responses are, by iteration."""

from pathlib import Path

from icr.figures.lengths import length_rise, lengths
from icr.figures.style import save
from icr.storage.files import read_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
judged, sampled = {}, {}
for path in map(Path, snakemake.input.metrics):
    judged[path.parts[-3], path.parts[-2]] = read_json(path)["length"]
for path in map(Path, snakemake.input.pairs):
    sampled[path.parent.name, path.stem] = read_json(path)["responses"]["mean_length"]
table = lengths(snakemake.params.lineages, judged, sampled)
save(length_rise(table, "judged answers" if judged else "samples"), snakemake.output)
