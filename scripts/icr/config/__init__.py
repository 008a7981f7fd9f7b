"""The configuration: a typed model, checked when Snakemake starts."""

from icr.config.load import load_config
from icr.config.root import Config

__all__ = ["Config", "load_config"]
