"""Compute a system's win rates in one language from its stored annotations."""

import pandas as pd

from icr.evaluation.xalpacaeval.win_rates import win_rates
from icr.storage.files import atomic_write, read_json, write_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
annotations = read_json(snakemake.input.annotations)
metrics = win_rates(annotations, next(iter(snakemake.input.get("table", [])), None))
write_json({**metrics, **read_json(snakemake.input.summary)}, snakemake.output.metrics)
with atomic_write(snakemake.output.questions) as partial:
    rows = [(row["index"], row["preference"], len(row["output_2"])) for row in annotations]
    frame = pd.DataFrame(rows, columns=["index", "preference", "length"])
    frame.to_csv(partial, index=False)
