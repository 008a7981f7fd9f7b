"""Compute a system's win rates in one language from its stored annotations."""

import pandas as pd

from icr.evaluation.xalpacaeval.win_rates import win_rates
from icr.storage.files import read_json, write_csv, write_json
from icr.storage.logs import log_to
from icr.storage.schemas.evaluation import XALPACAEVAL_METRICS, XALPACAEVAL_QUESTIONS

log_to(snakemake.log[0])
annotations = read_json(snakemake.input.annotations)
metrics = win_rates(annotations, next(iter(snakemake.input.get("table", [])), None))
metrics |= read_json(snakemake.input.summary)
write_json(metrics, snakemake.output.metrics, XALPACAEVAL_METRICS)
rows = [(row["index"], row["preference"], len(row["output_2"])) for row in annotations]
frame = pd.DataFrame(rows, columns=["index", "preference", "length"])
write_csv(frame, snakemake.output.questions, XALPACAEVAL_QUESTIONS)
