"""Draw MT-Bench scores."""

from pathlib import Path

from icr.figures.grades import mtbench_bars
from icr.figures.style import save
from icr.storage.files import read_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
results = {}
for path in map(Path, snakemake.input):
    policy, language = path.parts[-3:-1]
    results.setdefault(policy, {})[language] = read_json(path)
save(mtbench_bars(results), snakemake.output)
