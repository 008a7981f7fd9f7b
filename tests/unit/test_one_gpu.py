"""The run for one GPU: its hours, its memory, its prompts."""

from pathlib import Path

import pytest
import yaml
from jinja2 import Environment

from icr.config import load_config
from icr.config.load import merged
from icr.workflow.resources import LIBRARIES, WORKING, gpu_gb
from icr.workflow.study import Study

ROOT = Path(__file__).parents[2]
FILES = {80: ["one-gpu.yaml"], 24: ["one-gpu.yaml", "one-gpu-24gb.yaml"]}
"""Configuration files by the GPU's memory in GB; later ones over earlier ones, as Snakemake does."""


def config_for(gb):
    raw = {}
    for name in FILES[gb]:
        raw = merged(raw, yaml.safe_load((ROOT / "config" / name).read_text(encoding="utf-8")))
    return load_config(raw)
