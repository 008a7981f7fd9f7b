"""Draw one of the figures that rules/figures.smk lists."""

from icr.figures import contents, drawing
from icr.figures.style import save
from icr.storage.files import atomic_write
from icr.storage.logs import log_to

log_to(snakemake.log[0])
params = snakemake.params
files = {
    name: contents(params.labels[name], paths) if name in params.labels else paths
    for name, paths in snakemake.input.items()
}
result = drawing(params.draw)(**files, **params.settings)
figure, table = result if isinstance(result, tuple) else (result, None)
save(figure, [path for path in snakemake.output if not path.endswith(".csv")])
if table is not None:
    with atomic_write(snakemake.output.table) as partial:
        partial.write_text(table, encoding="utf-8")
