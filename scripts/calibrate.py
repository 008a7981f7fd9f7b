"""Measure how fast this machine does one kind of work."""

import tempfile
from dataclasses import asdict
from pathlib import Path

from icr.cluster.calibration import measure
from icr.models.gpus import require_gpus
from icr.storage.files import write_json
from icr.storage.logs import log_to

log_to(snakemake.log[0])
require_gpus(snakemake.resources.gpu)
output = Path(snakemake.output[0])
# Beside the result, so that policies are written to the file system of the results.
with tempfile.TemporaryDirectory(dir=output.parent, prefix=".calibration-") as scratch:
    measured = measure(
        **snakemake.params.measured,
        gpus=snakemake.resources.gpu,
        cpus=snakemake.threads,
        scratch=Path(scratch),
    )
write_json(asdict(measured), output)
print(f"{measured.work}: {measured.tokens_per_second:,.0f} tokens/s on {measured.name}")
