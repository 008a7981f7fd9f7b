"""Draw one of the paper's figures."""

from icr.figures.paper import by_language, by_prompts
from icr.figures.style import save
from icr.storage.files import atomic_write
from icr.storage.logs import log_to
from icr.tables.build import build_cells
from icr.tables.cells import Plan
from icr.tables.render import tidy
from icr.tables.spec import read_description

log_to(snakemake.log[0])
drawing = read_description(snakemake.input.description).figures[snakemake.params.number]
table, plan = drawing.table, Plan(**snakemake.params.plan)
cells = build_cells(
    table,
    plan=snakemake.params.plan,
    metrics=dict(zip(snakemake.params.measured, snakemake.input.metrics, strict=True)),
    paper=snakemake.input.paper,
    footnotes=snakemake.input.footnotes,
)
if drawing.draw == "languages":
    figure = by_language(table, cells, drawing.ordered(plan.languages), plan)
else:
    figure = by_prompts(table, cells, snakemake.params.counts, plan)
save(figure, [path for path in snakemake.output if not path.endswith(".csv")])
with atomic_write(snakemake.output.points) as partial:
    partial.write_text(tidy(table, cells), encoding="utf-8")
