"""Draw how the X-AlpacaEval win rates rise from π_I or π⁰ to the last iteration."""

from pathlib import Path

from icr.figures.style import save
from icr.figures.xalpacaeval import win_rate_rise
from icr.storage.files import read_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
params = snakemake.params
files = {Path(path).parts[-3:-1]: read_json(path) for path in snakemake.input}
metrics = {
    la: {p: files[p, la] for p in params.titles if (p, la) in files} for la in params.languages
}
metrics = {la: rows for la, rows in metrics.items() if rows}
save(win_rate_rise(metrics, list(params.titles.values())), snakemake.output)
