"""Write the run's summary: pairs, training, time, examples."""

from pathlib import Path

from icr.files import read_json, replacing
from icr.logs import log_to
from icr.summary import benchmark_seconds, summary

log_to(snakemake.log[0])
output = Path(snakemake.output[0])
paths = {(Path(path).parent.name, Path(path).stem): path for path in snakemake.input.pairs}
pairs = {
    policy: {language: read_json(paths[policy, language]) for language in languages}
    for policy, languages in snakemake.params.policies.items()
}
training = {
    policy: read_json(path)
    for policy, path in zip(snakemake.params.trained, snakemake.input.training, strict=True)
}
figures = [Path(path).relative_to(output.parent) for path in snakemake.input.figures]
text = summary(
    run=output.parent.name,
    pairs=pairs,
    training=training,
    figures=[str(path) for path in figures if path.suffix == ".png"],
    seconds=benchmark_seconds(snakemake.params.benchmarks),
)
with replacing(output) as partial:
    partial.write_text(text, encoding="utf-8")
