"""What ``snakemake calibrate`` measured on the site's own machines: read by the plan."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from icr.errors import InputError
from icr.storage.files import read_json

WORK = ("sampling", "scoring", "training")
"""The kinds of work that are measured."""


@dataclass(frozen=True)
class Measurement:
    """One kind of work as one job did it. Times scale with the weights of another model."""

    work: str
    model: str
    parameters: float
    random_weights: bool
    """Whether the model had not been downloaded, so that random weights stood in its place."""
    settings: dict[str, Any]
    """What decides the speed: the measurement holds for these alone."""
    gpus: int
    cpus: int
    gpu: str | None
    """The GPU's name; None on CPUs."""
    tokens: int
    tokens_per_second: float
    """Of the whole job, without its start."""
    start_seconds: float
    """Importing libraries, loading, compiling; for a training, writing the policy too."""
    host_gb: float
    """Largest memory of the job's processes together."""
    gpu_gb: float | None
    """Largest memory of a GPU in use; a vLLM engine reserves most of it at its start."""
    lone_seconds: float = 0.0
    """Seconds of a decoding step when only the last responses are left."""
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The machine, for the plan."""
        return f"{self.gpus} x {self.gpu}" if self.gpu else f"{self.cpus} CPU threads"


def read_measurements(paths: dict[str, str]) -> dict[str, Measurement]:
    """The measurements that exist, by kind of work; ``paths`` maps kinds to their files.

    Raises InputError for a file that is no measurement.
    """
    measured = {}
    for work, path in paths.items():
        if not Path(path).exists():
            continue
        try:
            measured[work] = Measurement(**read_json(path))
        except TypeError:
            raise InputError(
                f"{path} is no measurement of this version; delete it, or measure again with "
                "`snakemake calibrate`"
            ) from None
    return measured
