"""Draw the training curves."""

import pandas as pd

from icr.figures.style import save
from icr.figures.training import training_curves
from icr.logs import log_to

log_to(snakemake.log[0])
curves = zip(snakemake.params.policies, snakemake.input, strict=True)
save(training_curves({policy: pd.read_csv(path) for policy, path in curves}), snakemake.output)
