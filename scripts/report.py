"""Write the run's report: one HTML page."""

from pathlib import Path

import yaml

from icr.report.captions import LEAD
from icr.report.content import ReportInputs, opening, read_by_policy, read_metrics, sections, tiles
from icr.report.examples import answers_of
from icr.report.render import render
from icr.storage.files import atomic_write, read_json, read_text
from icr.storage.logs import log_to

log_to(snakemake.log[0])
files, params, output = snakemake.input, snakemake.params, Path(snakemake.output[0])
config_text = read_text(files.config)
answers = {policy: {} for policy, _ in params.answers}
for (policy, language), path in zip(params.answers, files.answers, strict=True):
    answers[policy][language] = answers_of(path)
inputs = ReportInputs(
    config=yaml.safe_load(config_text),
    config_text=config_text,
    record=read_json(files.provenance),
    lineages=params.lineages,
    pairs=read_by_policy(files.pairs),
    training={Path(path).stem: read_json(path) for path in files.training},
    metrics=read_metrics(output.parent, files.metrics),
    tables=[Path(path) for path in files.tables],
    figures=[Path(path) for path in files.figures if path.endswith(".png")],
    answers=answers,
    claims=read_json(files.claims[0]) if files.claims else [],
    benchmarks=Path(params.benchmarks),
    gpus=params.gpus,
)
page = render(
    files.template, output.parent.name, LEAD, tiles(inputs), sections(inputs), opening(inputs)
)
with atomic_write(output) as partial:
    partial.write_text(page, encoding="utf-8")
