"""Draw the training curves."""

from icr.figures.style import save
from icr.figures.training import training_curves
from icr.storage.files import read_csv
from icr.storage.logs import log_to

log_to(snakemake.log[0])
curves = zip(snakemake.params.policies, snakemake.input, strict=True)
save(training_curves({policy: read_csv(path) for policy, path in curves}), snakemake.output)
